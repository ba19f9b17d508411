package protocol

import (
	"encoding"
	"errors"
	"fmt"
	"io"

	"github.com/joust-bench/joust/optimizers"
)

// Describe is the definition as a plugin announces it. What an optimizer can do
// beyond Ask and Tell is what its type implements, which only one that was built
// shows: one is built for a few weights, and closed. An error says that this
// failed.
func Describe(def optimizers.Definition, version string) (*Description, error) {
	abilities, err := abilitiesOf(def)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", def.Name, err)
	}
	return &Description{
		Name:      def.Name,
		Version:   version,
		Summary:   def.Summary,
		Refs:      def.Refs,
		Need:      NeedOf(def.Need),
		FullBatch: def.FullBatch,
		MinDim:    uint64(max(0, def.MinDim)),
		MaxDim:    uint64(max(0, def.MaxDim)),
		Params:    describeParams(def.Params),
		Memory:    fitMemory(def),
		Abilities: abilities,
	}, nil
}

// NeedOf is the need as messages say it.
func NeedOf(n optimizers.Need) Need {
	if n == optimizers.NeedGrad {
		return Need_NEED_GRAD
	}
	return Need_NEED_LOSS
}

func describeParams(params []optimizers.Param) []*Param {
	described := make([]*Param, len(params))
	for i, p := range params {
		described[i] = &Param{
			Name:    p.Name,
			Doc:     p.Doc,
			Type:    p.Type,
			Default: string(p.Default),
			Min:     p.Min,
			Max:     p.Max,
			MinOpen: p.MinOpen,
			MaxOpen: p.MaxOpen,
			Log:     p.Log,
			Choices: p.Choices,
		}
	}
	return described
}

func abilitiesOf(def optimizers.Definition) (can []Ability, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("built with its defaults it panics: %v", r)
		}
	}()
	if def.New == nil {
		return nil, errors.New("the definition has no New")
	}
	dim := max(8, def.MinDim)
	if def.MaxDim > 0 {
		dim = min(dim, def.MaxDim)
	}
	opt, err := def.New(nil, optimizers.Problem{
		Init:    make([]float64, dim),
		Blocks:  []optimizers.Block{{Name: "0.dense.w", Len: dim, Rows: 1, FanIn: dim, Scale: 1}},
		Threads: 1,
	})
	if err != nil {
		return nil, fmt.Errorf("it cannot be built with its defaults for %d weights: %w", dim, err)
	}
	can = Abilities(opt)
	if c, ok := opt.(io.Closer); ok {
		return can, c.Close()
	}
	return can, nil
}

// Abilities lists what an optimizer implements beyond Ask and Tell.
func Abilities(opt optimizers.Optimizer) []Ability {
	var can []Ability
	_, save := opt.(encoding.BinaryMarshaler)
	_, load := opt.(encoding.BinaryUnmarshaler)
	if save && load {
		can = append(can, Ability_ABILITY_CHECKPOINT)
	}
	if _, ok := opt.(optimizers.Recommender); ok {
		can = append(can, Ability_ABILITY_RECOMMEND)
	}
	if _, ok := opt.(optimizers.Shortlister); ok {
		can = append(can, Ability_ABILITY_SHORTLIST)
	}
	if _, ok := opt.(optimizers.Diagnoser); ok {
		can = append(can, Ability_ABILITY_DIAGNOSE)
	}
	if _, ok := opt.(optimizers.Needer); ok {
		can = append(can, Ability_ABILITY_NEEDS)
	}
	return can
}
