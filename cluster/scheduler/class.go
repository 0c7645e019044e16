package scheduler

// Class says what a failure means for the task; the text of an error never does.
type Class uint8

// The classes of failure.
const (
	Fatal      Class = iota // the query can't succeed: its error goes to the client
	Transient               // try again, counted
	Fetch                   // inputs could not be read; they are made again
	Memory                  // out of memory: try again, counted, with more room
	Lost                    // the launch or the executor's word was lost
	Superseded              // a commit was fenced by another attempt
	Killed                  // ended from outside without an Abort
	EarlyStop               // not a failure: its consumer was satisfied
)

// policy is what a class does to the unit that is run again.
type policy struct {
	name    string
	retry   bool // may be run again at all
	counts  bool // against Options.AttemptLimit
	lost    bool // against Options.PoisonLimit
	fetch   bool // against Options.FetchLimit
	roomier bool // run again with fewer tasks beside it
}

var policies = [...]policy{
	Fatal:      {name: "fatal"},
	Transient:  {name: "transient", retry: true, counts: true},
	Fetch:      {name: "fetch", retry: true, fetch: true},
	Memory:     {name: "memory", retry: true, counts: true, roomier: true},
	Lost:       {name: "lost", retry: true, lost: true},
	Superseded: {name: "superseded", retry: true, counts: true},
	Killed:     {name: "killed", retry: true, lost: true},
	EarlyStop:  {name: "early stop"},
}

// String returns the class's name in lower case.
func (c Class) String() string { return c.policy().name }

// policy treats an unknown class as Fatal.
func (c Class) policy() policy {
	if int(c) < len(policies) {
		return policies[c]
	}
	return policies[Fatal]
}
