package optimizers

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Parallel calls do(0) to do(n-1), each once, on at most p.Threads cores, and
// returns when all have returned: [Parallel] for those who need no scratch memory.
func (p Problem) Parallel(n int, do func(i int)) {
	if threads := min(p.Threads, n); threads > 1 {
		spread(threads, n, nil, do)
		return
	}
	for i := range n {
		do(i)
	}
}

// Parallel calls do for each unit from 0 to units-1, once, on at most so many
// threads, and returns when all calls have. The worker is a number from 0 to
// threads-1 that no other call has at the same time: it says whose scratch memory
// to use. Units are done in any order and at the same time, and which worker takes
// which differs from run to run, so each writes only what is its own: what is
// computed then does not depend on threads. Worker 0 is the caller, which starts
// at once.
//
// A panic in do is raised again in the caller, as a [*Panic] if it was on more
// than one thread.
func Parallel(threads, units int, do func(worker, unit int)) {
	if threads = min(threads, units); threads > 1 {
		spread(threads, units, do, nil)
		return
	}
	for unit := range units {
		do(0, unit)
	}
}

// A Panic is what a unit panicked with, and where.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprint(p.Value) }

// patience is how long a worker looks out for the next job before it ends, and a
// caller for the end of the last unit before it sleeps now and then. To wake a core
// takes some 10 to 200 microseconds, and a step of an optimizer has several short jobs,
// one soon after the other: workers that slept between them would be waking up most of
// the time. A caller that sleeps while another works would let the third give up, and
// the next job begin with nobody there.
const patience = time.Millisecond

// A job is a call of Parallel. Workers enter it until the caller has found nothing
// more to do, so that nobody waits for one that has not come.
type job struct {
	do     func(worker, unit int)
	only   func(unit int) // in place of do
	shares []share        // one for each thread

	numbers atomic.Int64 // of workers, given away so far
	inside  atomic.Int64 // workers at work; closed is added when no more may join
	failed  atomic.Pointer[Panic]
}

// A share is a run of units. Each worker begins with its own and then helps with the
// others': in jobs over the same data, one after the other, a worker meets what its
// core has in its caches. Where cores are far apart that decides whether a second one
// helps at all.
type share struct {
	next atomic.Int64 // unit
	end  int64
	_    [48]byte // a cache line each
}

// closed is more than any number of workers.
const closed = 1 << 32

// jobs are used again. A worker that comes late may then join the next call: that
// is as good.
var jobs = sync.Pool{New: func() any {
	j := new(job)
	j.inside.Store(closed)
	return j
}}

// spread does a job on more than one thread.
func spread(threads, units int, do func(worker, unit int), only func(unit int)) {
	j := jobs.Get().(*job)
	j.do, j.only = do, only
	if cap(j.shares) < threads {
		j.shares = make([]share, threads)
	}
	j.shares = j.shares[:threads]
	for i := range j.shares {
		j.shares[i].next.Store(int64(i * units / threads))
		j.shares[i].end = int64((i + 1) * units / threads)
	}
	j.numbers.Store(0)
	j.failed.Store(nil)
	j.inside.Store(0)
	for range threads - 1 {
		call(j)
	}
	j.work(0)
	j.close()
	failed := j.failed.Load()
	j.do, j.only = nil, nil
	jobs.Put(j)
	if failed != nil {
		panic(failed)
	}
}

// close lets no more workers in and waits for those inside.
func (j *job) close() {
	j.inside.Add(closed)
	for watch := newWatch(); j.inside.Load() != closed; {
		if watch.over() {
			time.Sleep(patience) // a unit takes long, and this core may have others
		}
	}
}

// enter lets a worker in, if j is not closed.
func (j *job) enter() bool {
	for {
		n := j.inside.Load()
		if n >= closed {
			return false
		}
		if j.inside.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// work does units until there are none, or one has panicked.
func (j *job) work(worker int) {
	defer func() {
		if v := recover(); v != nil {
			j.failed.CompareAndSwap(nil, &Panic{v, debug.Stack()})
		}
	}()
	for i := range j.shares {
		own := &j.shares[(worker+i)%len(j.shares)]
		for j.failed.Load() == nil {
			unit := own.next.Add(1) - 1
			if unit >= own.end {
				break
			}
			if j.only != nil {
				j.only(int(unit))
			} else {
				j.do(worker, int(unit))
			}
		}
	}
}

// A helper is a goroutine that works on jobs. It ends when there has been none for a
// while, so that nothing is left running.
type helper struct{ job atomic.Pointer[job] }

// idle are the helpers that look out for a job.
var idle struct {
	sync.Mutex
	helpers []*helper
}

// call makes a helper join j.
func call(j *job) {
	idle.Lock()
	var h *helper
	if last := len(idle.helpers) - 1; last >= 0 {
		h, idle.helpers = idle.helpers[last], idle.helpers[:last]
	}
	idle.Unlock()
	if h != nil {
		h.job.Store(j)
		return
	}
	h = new(helper)
	h.job.Store(j)
	go h.run()
}

func (h *helper) run() {
	for {
		j := h.job.Swap(nil)
		inside := j.enter()
		if inside {
			if number := int(j.numbers.Add(1)); number < len(j.shares) {
				j.work(number)
			}
		}
		// Before the caller goes on: it may call again at once.
		idle.Lock()
		idle.helpers = append(idle.helpers, h)
		crowded := len(idle.helpers) >= runtime.GOMAXPROCS(0) // the caller has a core, too
		idle.Unlock()
		if inside {
			j.inside.Add(-1)
		}
		if crowded && h.leave() {
			return
		}
		for watch := newWatch(); h.job.Load() == nil; {
			if watch.over() && h.leave() {
				return
			}
		}
	}
}

// leave takes h off the list, unless it has just been called.
func (h *helper) leave() bool {
	idle.Lock()
	defer idle.Unlock()
	for i, other := range idle.helpers {
		if other == h {
			idle.helpers = append(idle.helpers[:i], idle.helpers[i+1:]...)
			return true
		}
	}
	return false
}

// A watch counts the rounds of a loop that waits without sleeping.
type watch struct {
	rounds  int
	started time.Time
}

func newWatch() watch { return watch{started: time.Now()} }

// over reports whether the loop has lasted for longer than patience. Now and then
// it lets other goroutines have the core.
func (w *watch) over() bool {
	if w.rounds++; w.rounds%64 != 0 {
		return false
	}
	runtime.Gosched()
	return time.Since(w.started) > patience
}
