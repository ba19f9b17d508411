package models

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/activation"
	"github.com/joust-bench/joust/network/initializer"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/optimizers"
)

// A networkFile is what a network file says.
type networkFile struct {
	doc    *document
	input  network.Shape // nil: that of the task
	layers network.Specs
	loss   loss.Kind // "": none
}

// maxInput is how many values of an input a file may ask for. Some layers have memory for
// each of them as soon as they are made, and a slip must not take all that there is.
const maxInput = 10_000_000

func parseNetwork(name string, content []byte) (networkFile, error) {
	doc, err := parseYAML(name, content)
	if err != nil {
		return networkFile{}, err
	}
	f := networkFile{doc: doc}
	members := []string{"input", "layers", "loss"}
	for _, key := range doc.keys {
		if slices.Contains(members, key) {
			continue
		}
		hint := ""
		if near := optimizers.Suggest(key, members); near != "" {
			hint = fmt.Sprintf(", did you mean %s?", near)
		}
		return f, doc.errorf(key, "unknown key %q%s (keys: %s)", key, hint, strings.Join(members, ", "))
	}
	if doc.values["layers"] == nil {
		return f, fmt.Errorf("%s: no layers, want a list of them", name)
	}
	if input := doc.values["input"]; input != nil {
		err := json.Unmarshal(input, &f.input)
		if err != nil || len(f.input) == 0 || slices.Min(f.input) < 1 {
			return f, doc.errorf("input", "input: %s, want a shape such as [64] or [1, 28, 28]", input)
		}
		values := 1
		for _, n := range f.input {
			if values *= min(n, maxInput+1); values > maxInput {
				return f, doc.errorf("input", "input: %s, want at most %d values", input, maxInput)
			}
		}
	}
	if err := json.Unmarshal(doc.values["layers"], &f.layers); err != nil {
		return f, f.place(err)
	}
	if kind := doc.values["loss"]; kind != nil {
		if err := json.Unmarshal(kind, &f.loss); err != nil || !slices.Contains(loss.Kinds(), f.loss) {
			var names []string
			for _, k := range loss.Kinds() {
				names = append(names, string(k))
			}
			return f, doc.errorf("loss", "loss: %s, want one of %s", kind, strings.Join(names, ", "))
		}
	}
	return f, nil
}

// place finds the line of an error that begins with the path of a layer, as
// those of network.Specs do.
func (f networkFile) place(err error) error {
	path, what, ok := strings.Cut(err.Error(), ": ")
	if !ok {
		return fmt.Errorf("%s: %w", f.doc.name, err)
	}
	var member string
	if _, scanErr := fmt.Sscanf(what, "unknown member %q", &member); scanErr == nil {
		if _, known := f.doc.at[path+"."+member]; known {
			path += "." + member
		}
	}
	return f.doc.errorf(path, "%w", err)
}

// check finds what can be found wrong before the task is known.
func (f networkFile) check() error {
	if err := checkNames(f.layers, "layers"); err != nil {
		return f.place(err)
	}
	if f.loss != "" {
		return f.doc.errorf("loss", "loss: a network in an experiment has that of its task, and gets its output layer, want none")
	}
	if f.input == nil {
		return nil
	}
	return f.build(f.input, f.layers)
}

// build tells whether the layers fit together, and which one does not.
func (f networkFile) build(in network.Shape, layers network.Specs) error {
	_, err := network.New[float64](in, layers...)
	if err == nil {
		return nil
	}
	return f.locate(err)
}

// locate finds the line of an error of network.New: of the innermost layer that it
// names, as in `layer 2 (residual): layer 0 (dense): ...`, or of a list that is not the
// body, `layer 2 (residual): shortcut: layer 0 (dense): ...`.
func (f networkFile) locate(err error) error {
	path, rest := "", err.Error()
	for list := "layers"; ; {
		var i int
		if _, scanErr := fmt.Sscanf(rest, "layer %d", &i); scanErr != nil {
			break
		}
		at := fmt.Sprintf("%s[%d]", list, i)
		if _, known := f.doc.at[at]; !known {
			break
		}
		path = at
		var more bool
		if _, rest, more = strings.Cut(rest, ": "); !more {
			break
		}
		list = path + ".body"
		for _, other := range []string{"shortcut", "gate"} {
			if after, ok := strings.CutPrefix(rest, other+": "); ok {
				list, rest = path+"."+other, after
			}
		}
	}
	if path == "" {
		return fmt.Errorf("%s: %w", f.doc.name, err)
	}
	return f.doc.errorf(path, "%w", err)
}

// checkNames looks up the names that layers mention: the members that say, by their
// names in JSON, how weights are drawn and what function is applied.
func checkNames(layers network.Specs, path string) error {
	for i, s := range layers {
		at := fmt.Sprintf("%s[%d]", path, i)
		v := reflect.ValueOf(s)
		for field := range v.Type().Fields() {
			member, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			var err error
			switch value := v.FieldByIndex(field.Index).Interface().(type) {
			case network.Specs:
				if err := checkNames(value, at+"."+member); err != nil {
					return err
				}
			case string:
				switch _, must := s.(network.Activation); {
				case value == "" && !must:
				case member == "init" || member == "recurrent":
					_, err = initializer.ByName(value)
				case member == "func" || member == "out_func":
					_, err = activation.ByName(value)
				}
			}
			if err != nil {
				return fmt.Errorf("%s: %w", at, err)
			}
		}
	}
	return nil
}

// wire completes the layers for inputs of shape in and outputs of shape out. A file
// that asks for a vector, or does not say, gets an image flattened, and a sequence if
// its layers can do with that.
func (f networkFile) wire(in, out network.Shape) (network.Specs, error) {
	var s network.Specs
	switch {
	case f.input == nil, len(f.input) == 1 && f.input[0] == in.Len():
		s = flat(in)
	case !slices.Equal(f.input, in):
		return nil, f.doc.errorf("input", "input: %v, want %v, the shape of the task's inputs", f.input, in)
	}
	s = append(s, f.layers...)
	net, err := network.New[float64](in, s...)
	if err != nil && f.input == nil && len(in) == 2 {
		s = slices.Clone(f.layers)
		net, err = network.New[float64](in, s...)
	}
	switch {
	case err != nil && len(s) > len(f.layers): // one that flattens is before those of the file
		return nil, cmp.Or(f.build(network.Shape{in.Len()}, f.layers), err)
	case err != nil:
		return nil, f.locate(err)
	case len(net.Out()) == 2:
		return sequenceReadout(s, out, network.Dense{}), nil
	}
	return readout(s, out, network.Dense{}), nil
}
