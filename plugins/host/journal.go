package host

import (
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// A journal is what a run is made of again: its last checkpoint and what was
// asked and told since. The last entry may have been asked alone.
type journal struct {
	state   []byte // nil: from the beginning
	entries []entry
	losses  []float64
	grads   []byte // as they are sent
	most    int    // bytes
	lost    bool   // it had more: the run cannot be made again
}

// An entry is one Ask and its Tell.
type entry struct {
	n      int
	need   optimizers.Need
	hash   uint64 // of the candidates; see journal.seen
	losses int    // index of the first
	grads  int    // of the first byte
}

const (
	// A checkpoint is due after so many tells: a replay takes less than a second
	// at the speed at which a checkpoint would be felt.
	tellsPerCheckpoint = 1000
	// It is due when the tells have so many bytes, and more than the last
	// checkpoint several times over, so that making it is a small part.
	bytesPerCheckpoint  = 8 << 20
	statesPerCheckpoint = 4
	entryBytes          = 40
)

func (j *journal) size() int {
	return len(j.state) + 8*len(j.losses) + len(j.grads) + entryBytes*len(j.entries)
}

// add notes what was asked.
func (j *journal) add(b batch) {
	if !j.lost && j.size() > j.most {
		j.lose()
	}
	if j.lost {
		j.clear()
	}
	j.entries = append(j.entries, entry{b.n, b.need, 0, len(j.losses), len(j.grads)})
}

// seen notes the hash of the candidates that were asked about last.
func (j *journal) seen(hash uint64) { j.entries[len(j.entries)-1].hash = hash }

// tell notes what the last entry was told.
func (j *journal) tell(evals []optimizers.Evaluation) {
	last := j.entries[len(j.entries)-1]
	for _, e := range evals {
		j.losses = append(j.losses, e.Loss)
		if last.need == optimizers.NeedGrad {
			j.grads = protocol.AppendFloats(j.grads, e.Grad)
		}
	}
}

// told is what entry i was told.
func (j *journal) told(i, dim int) (losses []float64, grads []byte) {
	e := j.entries[i]
	losses = j.losses[e.losses:][:e.n]
	if e.need == optimizers.NeedGrad {
		grads = j.grads[e.grads:][:8*dim*e.n]
	}
	return losses, grads
}

// due reports whether it is time for a checkpoint.
func (j *journal) due() bool {
	if j.lost {
		return false
	}
	bytes := min(max(bytesPerCheckpoint, statesPerCheckpoint*len(j.state)), j.most/2)
	return len(j.entries) >= tellsPerCheckpoint || j.size()-len(j.state) >= bytes
}

// rebase makes a checkpoint the beginning. It is the journal's from then on.
func (j *journal) rebase(state []byte) {
	j.clear()
	j.state, j.lost = state, false
	if len(state) > j.most {
		j.lose()
	}
}

func (j *journal) clear() {
	j.entries, j.losses, j.grads = j.entries[:0], j.losses[:0], j.grads[:0]
}

// lose frees what is of no use without the rest.
func (j *journal) lose() {
	*j = journal{most: j.most, lost: true}
}
