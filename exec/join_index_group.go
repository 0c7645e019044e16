package exec

import "context"

// group numbers the keys and lists the rows of each, partition by partition; late are the slots
// of the keys that ran over the end of theirs, which come last.
func (b *joinIndexer[K]) group(ctx context.Context, t *joinTable, late []int) error {
	entries, rows := make([]int32, b.parts+1), make([]int32, b.parts+1)
	for p := range b.parts {
		entries[p+1] = entries[p] + b.distinct[p]
		rows[p+1] = rows[p] - int32(len(b.over[p]))
		for c := range b.chunks {
			rows[p+1] += int32(len(b.of(&b.chunks[c], p)))
		}
	}
	all := rows[b.parts]
	for _, o := range b.over {
		all += int32(len(o))
	}
	t.starts, t.order = make([]int32, int(entries[b.parts])+len(late)+1), make([]int32, all)
	for i, j := range late {
		b.index.slots[j].entry = uint32(entries[b.parts]) + uint32(i) + 1
	}
	err := b.in.crew.run(ctx, b.parts, func(next func() (int, bool)) {
		s := indexGroup[K]{indexInsert: indexInsert[K]{joinIndexer: b}}
		for p, ok := next(); ok; p, ok = next() {
			s.number(p, entries[p])
			s.list(t, p, entries[p], rows[p])
		}
	})
	if err != nil {
		return err
	}
	b.groupOver(t, int(entries[b.parts]), rows[b.parts])
	return nil
}

// indexGroup lists the rows of partitions' keys.
type indexGroup[K packedKey] struct {
	indexInsert[K]
	entry []int32 // of each row of the partition, -1 where it ran over the end
	at    []int32 // of each key: where its next row goes
}

// number gives the partition's keys their entries. Keys that ran over the end of
// another lie in a row from the first slot on.
func (s *indexGroup[K]) number(p int, entry int32) {
	from := p << s.shift
	slots := s.index.slots[from:s.end(p)]
	first := true
	for j := range slots {
		if slots[j].entry == 0 {
			first = false
			continue
		}
		if first {
			s.hashes(slots[j : j+1])
			if home := s.index.home(s.hash[0]); home>>s.shift != p || home > from+j {
				continue
			}
		}
		entry++
		slots[j].entry = uint32(entry)
	}
}

// list enters the rows of the partition's keys.
func (s *indexGroup[K]) list(t *joinTable, p int, entry, row int32) {
	n := int(s.distinct[p])
	s.entry, s.at = s.entry[:0], append(s.at[:0], make([]int32, n)...)
	slots := s.index.slots[:s.end(p)]
	s.each(p, func(x joinSlot[K], j int) {
		for j < len(slots) && slots[j].key != x.key {
			j++
		}
		if j == len(slots) {
			s.entry = append(s.entry, -1)
			return
		}
		e := int32(slots[j].entry) - 1 - entry
		s.at[e]++
		s.entry = append(s.entry, e)
	})
	for e, count := range s.at {
		t.starts[int(entry)+e], s.at[e] = row, row
		row += count
	}
	k := 0
	for c := range s.chunks {
		for _, x := range s.of(&s.chunks[c], p) {
			if e := s.entry[k]; e >= 0 {
				t.order[s.at[e]] = int32(x.entry) - 1
				s.at[e]++
			}
			k++
		}
	}
}

// groupOver lists the rows of the keys that ran over the ends, of which entry is the first.
func (b *joinIndexer[K]) groupOver(t *joinTable, entry int, row int32) {
	s := indexGroup[K]{indexInsert: indexInsert[K]{joinIndexer: b}}
	s.at = make([]int32, len(t.starts)-1-entry)
	for _, rows := range b.over {
		for i := range rows {
			s.hashes(rows[i : i+1])
			e := int32(b.index.slots[b.index.find(rows[i].key, b.index.home(s.hash[0]))].entry) - 1 - int32(entry)
			s.at[e]++
			s.entry = append(s.entry, e)
		}
	}
	for e, count := range s.at {
		t.starts[entry+e], s.at[e] = row, row
		row += count
	}
	t.starts[len(t.starts)-1] = row
	k := 0
	for _, rows := range b.over {
		for _, x := range rows {
			e := s.entry[k]
			t.order[s.at[e]] = int32(x.entry) - 1
			s.at[e]++
			k++
		}
	}
}
