package conformance

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/joust-bench/joust/plugins/protocol"
)

func initializing() []Check {
	refusing := func(name, what string, spoil func(*protocol.InitRequest), kinds ...protocol.Failure_Kind) Check {
		return probing(name, what, func(p *probe) error { return p.refusesInit(spoil, kinds...) })
	}
	return []Check{
		refusing("init/unknown-optimizer", "a name that is not described is refused as invalid",
			func(r *protocol.InitRequest) { r.Optimizer = "no-such-optimizer" }, invalid),
		refusing("init/dimension-zero", "dimension 0 is refused as invalid",
			func(r *protocol.InitRequest) { r.Dim, r.Init, r.Blocks = 0, inline(1, nil), nil }, invalid),
		probing("init/dimension-limits", "dimensions that the description excludes are refused as invalid or too_large", checkLimits),
		probing("init/wrong-length", "starting weights of another length than the dimension are refused as invalid: they are of another problem", checkLength),
		refusing("init/start-not-finite", "starting weights of NaN are refused as invalid",
			func(r *protocol.InitRequest) {
				init := make([]float64, r.GetDim())
				init[len(init)/2] = math.NaN()
				r.Init = inline(1, init)
			}, invalid),
		probing("init/not-an-object", "a configuration that is no JSON object is refused as invalid", func(p *probe) error {
			return p.refusesConfigs(`[]`, `null`, `1`, `{`, `{} {}`)
		}),
		refusing("init/unknown-parameter", "a member of the configuration that is not described is refused as invalid: it is a misspelt one",
			func(r *protocol.InitRequest) { r.Config = `{"no_such_parameter": 1}` }, invalid),
		probing("init/out-of-range", "values outside of the range or the choices of a parameter are refused as invalid", checkRanges),
		probing("init/not-a-number", "NaN and values of another type are refused as invalid: nothing that is computed with one is of use", checkTypes),
		probing("init/defaults", "no configuration, an empty one, and the defaults written out make the same run", checkDefaults),
	}
}

// refusesInit wants a spoilt request to be refused. The run that is made where
// it is not is finished.
func (p *probe) refusesInit(spoil func(*protocol.InitRequest), kinds ...protocol.Failure_Kind) error {
	request := p.request(p.dimension(5), 1)
	spoil(request)
	_, err := p.initOn(p.conn, request)
	return p.refused(err, kinds...)
}

func (p *probe) refusesConfigs(configs ...string) error {
	for _, config := range configs {
		err := p.refusesInit(func(r *protocol.InitRequest) { r.Config = config }, invalid)
		if err != nil {
			return fmt.Errorf("configuration %s: %w", config, err)
		}
	}
	return nil
}

func checkLimits(p *probe) error {
	least, most := p.desc.GetMinDim(), p.desc.GetMaxDim()
	var dims []int
	if least > 1 && least <= math.MaxInt32 {
		dims = append(dims, int(least)-1)
	}
	if most > 0 && most < 1e7 {
		dims = append(dims, int(most)+1)
	}
	if len(dims) == 0 {
		return notApplicable("it takes any dimension")
	}
	for _, dim := range dims {
		_, err := p.initOn(p.conn, p.request(dim, 1))
		if err := p.refused(err, invalid, tooLarge); err != nil {
			return fmt.Errorf("dimension %d: %w", dim, err)
		}
	}
	return nil
}

func checkLength(p *probe) error {
	dim := p.dimension(5)
	for what, rows := range map[string]*protocol.Rows{
		"no starting weights":               nil,
		"a weight too few":                  inline(1, make([]float64, dim-1)),
		"a weight too many":                 inline(1, make([]float64, dim+1)),
		"two rows":                          inline(2, make([]float64, 2*dim)),
		"half of the last weight":           {N: 1, Where: &protocol.Rows_Data{Data: make([]byte, 8*dim-4)}},
		"an offset without a shared memory": {N: 1, Where: &protocol.Rows_Offset{Offset: 0}},
	} {
		if err := p.refusesInit(func(r *protocol.InitRequest) { r.Init = rows }, invalid); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return nil
}

// checkRanges and checkTypes know from the description what is wrong.
func checkRanges(p *probe) error {
	var configs []string
	add := func(name string, value any) {
		config, err := json.Marshal(map[string]any{name: value})
		if err == nil { // such as a bound whose neighbour is infinite
			configs = append(configs, string(config))
		}
	}
	for _, param := range p.desc.GetParams() {
		name := param.GetName()
		if param.Min != nil {
			add(name, param.GetMin()-1)
			if param.GetMinOpen() {
				add(name, param.GetMin())
			}
		}
		if param.Max != nil {
			add(name, param.GetMax()+1+math.Abs(param.GetMax()))
			if param.GetMaxOpen() {
				add(name, param.GetMax())
			}
		}
		if len(param.GetChoices()) > 0 {
			add(name, "no such choice")
		}
	}
	if len(configs) == 0 {
		return notApplicable("no parameter has a range or choices")
	}
	return p.refusesConfigs(configs...)
}

func checkTypes(p *probe) error {
	wrong := map[string][]string{
		"float":  {`NaN`, `"NaN"`, `1e999`, `null`, `[1]`, `true`},
		"int":    {`NaN`, `1.5`, `"1"`, `1e30`, `null`},
		"bool":   {`1`, `"true"`, `null`},
		"string": {`1`, `null`, `["a"]`},
	}
	if len(p.desc.GetParams()) == 0 {
		return notApplicable("it has no parameters")
	}
	for _, param := range p.desc.GetParams() {
		for _, value := range wrong[param.GetType()] {
			if err := p.refusesConfigs("{" + strconv.Quote(param.GetName()) + ": " + value + "}"); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkDefaults(p *probe) error {
	defaults := map[string]json.RawMessage{}
	for _, param := range p.desc.GetParams() {
		defaults[param.GetName()] = json.RawMessage(param.GetDefault())
	}
	written, err := json.Marshal(defaults)
	if err != nil {
		return fmt.Errorf("defaults: %w", err)
	}
	var first []float64
	for i, config := range []string{"", "{}", string(written)} {
		request := p.request(p.dimension(5), 1)
		request.Config = config
		r, err := p.initOn(p.conn, request)
		if err != nil {
			return fmt.Errorf("configuration %q: %w", config, err)
		}
		trace, err := r.steps(2)
		if err != nil {
			return fmt.Errorf("configuration %q: %w", config, err)
		}
		if i == 0 {
			first = trace
		}
		if err := differ(first, trace, r.dim); err != nil {
			return fmt.Errorf("no configuration, and %s: %w", config, err)
		}
	}
	return nil
}
