package host

import (
	"encoding"
	"iter"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// Each of these is a remote as one ability sees it.
type (
	recommender struct{ r *remote }
	shortlister struct{ r *remote }
	diagnoser   struct{ r *remote }
	needer      struct{ r *remote }
	saver       struct{ r *remote }
)

func (o recommender) Recommend() []float64                  { return o.r.recommend() }
func (o shortlister) Shortlist(n int) [][]float64           { return o.r.shortlist(n) }
func (o diagnoser) Diagnostics() iter.Seq2[string, float64] { return o.r.diagnostics() }
func (o needer) Needs() optimizers.Need                     { return o.r.need }
func (o saver) MarshalBinary() ([]byte, error)              { return o.r.marshal() }
func (o saver) UnmarshalBinary(data []byte) error           { return o.r.unmarshal(data) }

// A state is a checkpoint's two ways.
type state interface {
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

// Short names, for the table below.
type (
	rec  = optimizers.Recommender
	list = optimizers.Shortlister
	diag = optimizers.Diagnoser
	need = optimizers.Needer
)

// expose returns r as an optimizer that implements just the interfaces of its
// abilities. What an optimizer implements decides what it is asked, and charged:
// one that implemented everything would, for instance, be taken at its word for a
// shortlist that it does not have. A method cannot be taken from a type, so there
// is one for each set of abilities.
func expose(r *remote, abilities []protocol.Ability) optimizers.Optimizer {
	const (
		canRecommend = 1 << iota
		canList
		canDiagnose
		canNeed
		canSave
	)
	set := 0
	for _, a := range abilities {
		set |= map[protocol.Ability]int{
			protocol.Ability_ABILITY_RECOMMEND:  canRecommend,
			protocol.Ability_ABILITY_SHORTLIST:  canList,
			protocol.Ability_ABILITY_DIAGNOSE:   canDiagnose,
			protocol.Ability_ABILITY_NEEDS:      canNeed,
			protocol.Ability_ABILITY_CHECKPOINT: canSave,
		}[a]
	}
	rc, ls, dg, nd, st := recommender{r}, shortlister{r}, diagnoser{r}, needer{r}, saver{r}
	switch set {
	case canRecommend:
		return struct {
			*remote
			rec
		}{r, rc}
	case canList:
		return struct {
			*remote
			list
		}{r, ls}
	case canRecommend | canList:
		return struct {
			*remote
			rec
			list
		}{r, rc, ls}
	case canDiagnose:
		return struct {
			*remote
			diag
		}{r, dg}
	case canRecommend | canDiagnose:
		return struct {
			*remote
			rec
			diag
		}{r, rc, dg}
	case canList | canDiagnose:
		return struct {
			*remote
			list
			diag
		}{r, ls, dg}
	case canRecommend | canList | canDiagnose:
		return struct {
			*remote
			rec
			list
			diag
		}{r, rc, ls, dg}
	case canNeed:
		return struct {
			*remote
			need
		}{r, nd}
	case canRecommend | canNeed:
		return struct {
			*remote
			rec
			need
		}{r, rc, nd}
	case canList | canNeed:
		return struct {
			*remote
			list
			need
		}{r, ls, nd}
	case canRecommend | canList | canNeed:
		return struct {
			*remote
			rec
			list
			need
		}{r, rc, ls, nd}
	case canDiagnose | canNeed:
		return struct {
			*remote
			diag
			need
		}{r, dg, nd}
	case canRecommend | canDiagnose | canNeed:
		return struct {
			*remote
			rec
			diag
			need
		}{r, rc, dg, nd}
	case canList | canDiagnose | canNeed:
		return struct {
			*remote
			list
			diag
			need
		}{r, ls, dg, nd}
	case canRecommend | canList | canDiagnose | canNeed:
		return struct {
			*remote
			rec
			list
			diag
			need
		}{r, rc, ls, dg, nd}
	case canSave:
		return struct {
			*remote
			state
		}{r, st}
	case canRecommend | canSave:
		return struct {
			*remote
			rec
			state
		}{r, rc, st}
	case canList | canSave:
		return struct {
			*remote
			list
			state
		}{r, ls, st}
	case canRecommend | canList | canSave:
		return struct {
			*remote
			rec
			list
			state
		}{r, rc, ls, st}
	case canDiagnose | canSave:
		return struct {
			*remote
			diag
			state
		}{r, dg, st}
	case canRecommend | canDiagnose | canSave:
		return struct {
			*remote
			rec
			diag
			state
		}{r, rc, dg, st}
	case canList | canDiagnose | canSave:
		return struct {
			*remote
			list
			diag
			state
		}{r, ls, dg, st}
	case canRecommend | canList | canDiagnose | canSave:
		return struct {
			*remote
			rec
			list
			diag
			state
		}{r, rc, ls, dg, st}
	case canNeed | canSave:
		return struct {
			*remote
			need
			state
		}{r, nd, st}
	case canRecommend | canNeed | canSave:
		return struct {
			*remote
			rec
			need
			state
		}{r, rc, nd, st}
	case canList | canNeed | canSave:
		return struct {
			*remote
			list
			need
			state
		}{r, ls, nd, st}
	case canRecommend | canList | canNeed | canSave:
		return struct {
			*remote
			rec
			list
			need
			state
		}{r, rc, ls, nd, st}
	case canDiagnose | canNeed | canSave:
		return struct {
			*remote
			diag
			need
			state
		}{r, dg, nd, st}
	case canRecommend | canDiagnose | canNeed | canSave:
		return struct {
			*remote
			rec
			diag
			need
			state
		}{r, rc, dg, nd, st}
	case canList | canDiagnose | canNeed | canSave:
		return struct {
			*remote
			list
			diag
			need
			state
		}{r, ls, dg, nd, st}
	case canRecommend | canList | canDiagnose | canNeed | canSave:
		return struct {
			*remote
			rec
			list
			diag
			need
			state
		}{r, rc, ls, dg, nd, st}
	}
	return r
}
