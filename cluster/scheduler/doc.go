// Package scheduler is Flint's DAG scheduler and task scheduler in one: it
// decides which task runs where, what is run again after a loss, and how a query
// ends. It is pure: no goroutine, clock, lock, I/O or randomness. The driver owns
// one Scheduler, feeds it events one at a time through Step, and carries out the
// actions that Step returns, in order. The same events at the same times give the
// same actions. A Scheduler is not safe for concurrent use.
//
// # Words
//
// A task is one partition of a stage; an Attempt is one launch of it. A region is
// a set of stages tied by pipelined edges; a region of two or more stages is a
// gang. Regions are in-trees: a stage that feeds more than one edge spools all of
// them (that rules out diamonds too), so only the root of a gang has spooled
// outputs or is the result stage. An output is what an attempt committed on its
// worker for spooled edges; it survives the executor and dies with the worker.
//
// # What the driver sends, and when
//
//   - WorkerUp / ExecutorUp once registration is accepted. ExecutorUp implies its
//     worker. An executor ID names one process and is never used again; a worker
//     ID may return after WorkerLost, without its old outputs.
//   - ExecutorLost when the process is known dead or has been cut off; WorkerLost
//     when the machine (its worker) is gone: that implies the loss of all of its
//     executors and of all outputs there. Before sending either, the driver must
//     have closed the way for results and commits of that process (fenced it).
//   - SubmitQuery once per query ID. An invalid graph ends in Fail with XX000.
//   - TaskStarted when the executor accepted the launch. It only serves the poison
//     rule, so it may be late or missing; when the launch cannot be delivered the
//     driver sends TaskFailed{Class: Lost}.
//   - TaskDone / TaskFailed when an attempt ends by itself. Exactly one of them, or
//     AbortAcked, is owed for each Launch unless the executor is lost. A TaskDone
//     of a stage with spooled edges says "committed and registered at the worker";
//     of the result stage "the driver holds all of its rows"; of a pipelined
//     producer "every consumer has taken all of it, or has closed with DONE" (then
//     EarlyStop). The final statistics of the attempt travel beside the event; rows
//     and statistics count only from attempts that the scheduler accepted, which
//     are those neither aborted nor discarded.
//   - AbortAcked when an aborted attempt is off its executor. A TaskDone or
//     TaskFailed of an aborted attempt counts as this acknowledgement.
//   - ResultDelivered once per result attempt, in the same event loop and before
//     the first byte of that attempt's rows leaves the process. The byte may leave
//     only if the actions of that Step neither discarded the attempt nor ended the
//     query.
//   - ResultStalled when a result attempt has waited for the client for a while: it
//     gives its slot up for good and keeps its resident place, so that a client
//     that does not read holds no other query back.
//   - Replanned once for each Replan, soon: after Options.ReplanWait the stage goes on
//     as planned. Its Layout must follow from the sizes in that Replan and from nothing else,
//     and must give the same rows as the plan for as long as those outputs hold these rows.
//   - Cancel for a cancel request, disconnect, timeout or shutdown: one path.
//   - Tick about every 50 ms while there is any query. All delays are measured by
//     the `now` of Step; time that goes backwards is held still.
//
// Every event is idempotent, and any event that names an unknown query, executor
// or attempt, or an attempt that is no longer current, is ignored: messages may be
// duplicated, late, or come from zombies.
//
// # What each action obliges the driver to do
//
//   - Launch: send the task to that executor. All Launches of a gang come in one
//     Step, producers first; a consumer may dial a producer before that producer's
//     launch has arrived, so an executor parks requests for an attempt it does not
//     know yet until the attempt is launched or its own attempt is aborted. No
//     address ever changes within an epoch, which is why there is no action to
//     update inputs: a relocated producer means a new epoch (pipelined) or a new
//     launch of the consumer (spooled).
//   - Abort: stop the attempt, drop its uncommitted output, free its pipelined
//     channels, answer with AbortAcked. Its slot and resident place stay taken
//     until then. Unanswered for Options.AckTimeout, the executor is fenced.
//   - Fence: cut the executor off and kill it. The scheduler counts it as lost from
//     this moment and no later action names it; ExecutorLost may follow and is
//     ignored. A process that survives returns under a new executor ID.
//   - DiscardResult: throw away all buffered rows of that result attempt.
//   - Demote: keep for EXPLAIN; the edge is spooled now. Launch carries the mode.
//   - Replan: answer with Replanned. The Launches of a stage with a Layout say what each
//     task reads; nothing else of the plan changes, so executors need no other word of it.
//   - Drop: forget the query on that executor or worker: outputs, spill files,
//     broadcasts, channels. A worker refuses later registrations of that query.
//     It is sent once nothing of the query runs there any more. LocalExecutor and
//     LocalWorker mean the driver's own executor and spool.
//   - Finish, Fail: the one end of a query. Finish: release the result held back.
//     Fail: discard what is held back and report Err. Fail after Cancel comes when
//     every abort is acknowledged or fenced; any other end comes at once, with the
//     aborts behind it. Drops may follow an end; nothing else for that query does.
//
// # Slots and residents
//
// An attempt launched with Kind Lone holds a slot of its executor for its life, as
// the scheduler counts. Gang and Express attempts hold a resident place only; on
// the executor they share the processor. Launch.Priority (lower = more downstream)
// and the query's share are for executors that let them take turns; today's leave
// that to Go's scheduler, to which every task yields at each batch.
// Residents of all kinds never exceed Options.ResidentFactor × slots, of which one
// per slot is kept free of gangs.
//
// # Re-planning
//
// A stage with Stage.Adaptive whose inputs are all spooled is asked about before its
// first launch: once all inputs are complete, when it waits for the answer, and each time
// another of several becomes so, when it does not (an empty build side ends the probe side
// early: what is unread is not wanted any more and is aborted). A layout lasts: a producer
// that is run again gives the same rows and does not ask again. Where it gives other rows,
// all that lies downstream is rolled back, forgets its layouts and asks anew; answers to
// older questions are void. A stage of a gang that was launched as planned stays so, since
// its consumers may have read of it.
//
// # Re-runs
//
// A region of one stage is re-run task by task; a gang is re-run whole, under a new
// epoch. Attempts are numbered per task and never reused. A re-run whose row count
// differs from what was committed before, or whose checksum differs where the
// region is not deterministic, rolls back every consumer, transitively. What can't
// be re-run because the client has seen bytes of it ends the query with 40001.
// Outputs that a re-run voided stay until Drop; no later Launch names them.
package scheduler
