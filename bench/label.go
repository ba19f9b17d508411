package bench

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Labels names the tasks and contenders of a set of trials in few words: a part
// is its name, and those of its parameters that differ between the parts of
// that name. Where a path tells them apart, it does so alone.
type Labels struct {
	vary map[string][]string // kind and name of a part to its parameters that vary
}

// NewLabels looks at what varies between trials.
func NewLabels(trials []Trial) Labels {
	seen := make(map[string][][]Member) // the different configurations of a part
	for _, t := range trials {
		for _, p := range t.parts() {
			if !slices.ContainsFunc(seen[p.key], func(ms []Member) bool { return slices.Equal(ms, p.members) }) {
				seen[p.key] = append(seen[p.key], p.members)
			}
		}
	}
	l := Labels{make(map[string][]string)}
	for key, configs := range seen {
		l.vary[key] = varying(configs)
	}
	return l
}

// varying returns the names of the members by which configurations, all
// different, are told apart.
func varying(configs [][]Member) []string {
	var names []string
	for _, ms := range configs {
		for _, m := range ms {
			// A hash tells files apart for programs, not for people.
			if m.Name != "sha256" && !slices.Contains(names, m.Name) && distinct(configs, m.Name) > 1 {
				names = append(names, m.Name)
			}
		}
	}
	if distinct(configs, "path") == len(configs) && slices.Contains(names, "path") {
		return []string{"path"}
	}
	return names
}

// distinct counts the values of a member, its absence among them.
func distinct(configs [][]Member, name string) int {
	values := make(map[Member]bool)
	for _, ms := range configs {
		if i := slices.IndexFunc(ms, func(m Member) bool { return m.Name == name }); i >= 0 {
			values[ms[i]] = true
		} else {
			values[Member{}] = true
		}
	}
	return len(values)
}

// Task is the label of a trial's task.
func (l Labels) Task(t Trial) string { return l.of(t.parts()[0]) }

// Model is the label of a trial's model.
func (l Labels) Model(t Trial) string { return l.of(t.parts()[1]) }

// Optimizer is the label of a trial's optimizer, its minibatch included.
func (l Labels) Optimizer(t Trial) string { return l.of(t.parts()[2]) }

// Contender is the label of a trial's model and optimizer.
func (l Labels) Contender(t Trial) string { return l.Model(t) + " + " + l.Optimizer(t) }

func (l Labels) of(p labelled) string {
	label := p.name
	for _, m := range p.members {
		switch {
		case !slices.Contains(l.vary[p.key], m.Name):
		case m.Name == "path":
			label += " " + m.Value
		default:
			label += " " + m.String()
		}
	}
	return Printable(label)
}

// labelled is a part of a trial as labels see it.
type labelled struct {
	key, name string // with and without its kind
	members   []Member
}

func (t Trial) parts() [3]labelled {
	return [3]labelled{
		{"task " + t.Task.Name, t.Task.Name, Members(t.Task.Config)},
		{"model " + t.Model.Name, t.Model.Name, Members(t.Model.Config)},
		{"optimizer " + t.Optimizer.Name, t.Optimizer.Name, append(Members(t.Optimizer.Config), t.setting()...)},
	}
}

// setting is what an optimizer runs with beside its configuration: its
// minibatch, and if it is a plugin its program.
func (t Trial) setting() []Member {
	ms := []Member{{"batch", BatchName(t.Batch)}}
	if o := t.Origin; o != nil {
		ms = append(ms, Member{"plugin", o.Plugin}, Member{"version", o.Version},
			Member{"files", shortHash(o.Hash)}, Member{"runtime", strings.Join(o.Runtime, " ")})
	}
	return ms
}

// shortHash is as much of "sha256:..." as tells files apart for people.
func shortHash(h string) string {
	_, h, _ = strings.Cut(h, ":")
	return h[:min(len(h), 8)]
}

// BatchName writes the size of a minibatch as experiment files do.
func BatchName(size int) string {
	switch size {
	case 0:
		return "full"
	case AutoBatch:
		return "auto"
	}
	return strconv.Itoa(size)
}

// A Member is one parameter of a configuration, and its value as people write
// it: a string without its quotes.
type Member struct{ Name, Value string }

// String is "name=value".
func (m Member) String() string {
	if m.Name == "" {
		return m.Value
	}
	return m.Name + "=" + m.Value
}

// Members lists the parameters of a configuration in the order in which they
// are written. What is not an object is one member without a name.
func Members(config json.RawMessage) []Member {
	if len(config) == 0 {
		return nil
	}
	whole := []Member{{"", string(config)}}
	dec := json.NewDecoder(bytes.NewReader(config))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return whole
	}
	var list []Member
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return whole
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return whole
		}
		name, _ := key.(string) // the keys of an object are strings
		value := string(raw)
		var text string
		if json.Unmarshal(raw, &text) == nil {
			value = text
		}
		list = append(list, Member{name, value})
	}
	return list
}

// Printable replaces what could move the cursor of a terminal: labels and
// reasons may come from files and programs of anyone's.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, s)
}
