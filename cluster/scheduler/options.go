package scheduler

import "time"

// Options tune a Scheduler. A zero field means its default.
type Options struct {
	LocalSlots     int           // slots of the driver-local executor; 2
	ResidentFactor int           // residents per slot, at least 2; 8
	AttemptLimit   int           // counted attempts of a lone task or a gang; 4
	PoisonLimit    int           // lost executors a task may have been running on; 3
	FetchLimit     int           // re-runs of one task because of fetch failures; 16
	AckTimeout     time.Duration // for AbortAcked, then the executor is fenced; 5 s
	NoExecutorWait time.Duration // until a query fails when no executor is alive; 10 s
	LocalityDelay  time.Duration // a slot is withheld from a task with preferred hosts; 200 ms
	GangPatience   time.Duration // until a waiting gang holds back smaller gangs; 1 s
	ReplanWait     time.Duration // for Replanned, then a stage goes on as planned; 1 s
}

func (o Options) withDefaults() Options {
	atLeast := func(v *int, least, def int) {
		if *v == 0 {
			*v = def
		}
		*v = max(*v, least)
	}
	after := func(v *time.Duration, def time.Duration) {
		if *v == 0 {
			*v = def
		}
	}
	atLeast(&o.LocalSlots, 1, 2)
	atLeast(&o.ResidentFactor, 2, 8)
	atLeast(&o.AttemptLimit, 1, 4)
	atLeast(&o.PoisonLimit, 1, 3)
	atLeast(&o.FetchLimit, 1, 16)
	after(&o.AckTimeout, 5*time.Second)
	after(&o.NoExecutorWait, 10*time.Second)
	after(&o.LocalityDelay, 200*time.Millisecond)
	after(&o.GangPatience, time.Second)
	after(&o.ReplanWait, time.Second)
	return o
}
