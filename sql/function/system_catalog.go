package function

import (
	"strings"

	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// catalogSignatures are the functions that only the catalog can answer: they
// go to Context.Catalog.Lookup under their name.
const catalogSignatures = `
pg_table_is_visible(oid) bool
pg_type_is_visible(oid) bool
pg_function_is_visible(oid) bool
pg_operator_is_visible(oid) bool
pg_collation_is_visible(oid) bool
pg_opclass_is_visible(oid) bool
pg_opfamily_is_visible(oid) bool
pg_conversion_is_visible(oid) bool
pg_statistics_obj_is_visible(oid) bool
pg_ts_config_is_visible(oid) bool
pg_ts_dict_is_visible(oid) bool
pg_ts_parser_is_visible(oid) bool
pg_ts_template_is_visible(oid) bool
pg_get_userbyid(oid) name
obj_description(oid,name) text
obj_description(oid) text
col_description(oid,int4) text
shobj_description(oid,name) text
has_schema_privilege(text,text) bool
has_schema_privilege(oid,text) bool
has_schema_privilege(name,text,text) bool
has_schema_privilege(name,oid,text) bool
has_table_privilege(text,text) bool
has_table_privilege(oid,text) bool
has_table_privilege(name,text,text) bool
has_table_privilege(name,oid,text) bool
has_any_column_privilege(text,text) bool
has_any_column_privilege(oid,text) bool
has_any_column_privilege(name,text,text) bool
has_any_column_privilege(name,oid,text) bool
has_column_privilege(name,text,text,text) bool
has_column_privilege(name,oid,text,text) bool
has_column_privilege(text,int2,text) bool
has_column_privilege(oid,int2,text) bool
has_column_privilege(oid,text,text) bool
has_column_privilege(text,text,text) bool
has_database_privilege(text,text) bool
has_database_privilege(oid,text) bool
has_database_privilege(name,text,text) bool
has_database_privilege(name,oid,text) bool
has_function_privilege(oid,text) bool
has_function_privilege(name,oid,text) bool
has_sequence_privilege(text,text) bool
has_sequence_privilege(name,text,text) bool
has_sequence_privilege(name,oid,text) bool
has_sequence_privilege(oid,text) bool
has_type_privilege(oid,text) bool
has_tablespace_privilege(oid,text) bool
has_server_privilege(oid,text) bool
has_language_privilege(oid,text) bool
has_foreign_data_wrapper_privilege(oid,text) bool
pg_has_role(name,text) bool
pg_has_role(oid,text) bool
pg_has_role(name,oid,text) bool
pg_has_role(name,name,text) bool
to_regclass(text) regclass
to_regtype(text) regtype
to_regproc(text) regproc
to_regnamespace(text) regnamespace
to_regrole(text) regrole
pg_get_constraintdef(oid) text
pg_get_constraintdef(oid,bool) text
pg_get_indexdef(oid) text
pg_get_indexdef(oid,int4,bool) text
pg_get_viewdef(oid) text
pg_get_viewdef(text) text
pg_get_function_arg_default(oid,int4) text
pg_get_viewdef(oid,bool) text
pg_get_ruledef(oid) text
pg_get_ruledef(oid,bool) text
pg_get_triggerdef(oid) text
pg_get_triggerdef(oid,bool) text
pg_get_functiondef(oid) text
pg_get_function_arguments(oid) text
pg_get_function_identity_arguments(oid) text
pg_get_function_result(oid) text
pg_get_function_sqlbody(oid) text
pg_get_partkeydef(oid) text
pg_get_partition_constraintdef(oid) text
pg_get_statisticsobjdef_columns(oid) text
pg_get_serial_sequence(text,text) text
pg_relation_is_publishable(regclass) bool
pg_relation_size(regclass) int8
pg_relation_size(regclass,text) int8
pg_relation_filenode(regclass) oid
pg_table_size(regclass) int8
pg_total_relation_size(regclass) int8
pg_indexes_size(regclass) int8
pg_database_size(oid) int8
pg_database_size(name) int8
pg_tablespace_location(oid) text
pg_tablespace_size(oid) int8
pg_postmaster_start_time() timestamptz
pg_my_temp_schema() oid
pg_is_other_temp_schema(oid) bool
pg_index_column_has_property(regclass,int4,text) bool
pg_indexam_has_property(oid,text) bool
pg_sequence_last_value(regclass) int8
pg_stat_get_numscans(oid) int8
pg_stat_get_live_tuples(oid) int8
pg_jit_available() bool
pg_export_snapshot() text
row_security_active(oid) bool
set_config(text,text,bool) text
pg_cancel_backend(int4) bool
pg_terminate_backend(int4) bool
pg_notification_queue_usage() float8
pg_blocking_pids(int4) int4[]
inet_client_addr() text
inet_server_addr() text
`

// catalogFuncs parses the table above; set_config and the backend signals act,
// so they are volatile.
func catalogFuncs() []*Func {
	var fs []*Func
	for _, line := range strings.Fields(strings.ReplaceAll(catalogSignatures, ") ", ")")) {
		name, rest, _ := strings.Cut(line, "(")
		args, result, _ := strings.Cut(rest, ")")
		r, _ := types.Parse(result)
		f := &Func{Name: name, Result: r, Volatility: Stable, Fallible: true}
		if name == "set_config" || strings.HasSuffix(name, "_backend") {
			f.Volatility = Volatile
		}
		for _, a := range strings.FieldsFunc(args, func(r rune) bool { return r == ',' }) {
			t, _ := types.Parse(a)
			f.Args = append(f.Args, t)
		}
		f.Kernel = scalars(func(c *Context, a []value.Value) (value.Value, error) { return lookup(c, name, r, a) })
		fs = append(fs, f)
	}
	return fs
}
