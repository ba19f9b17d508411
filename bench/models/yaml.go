package models

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// A document is a YAML file as JSON, with the places where its values are.
type document struct {
	name   string
	values map[string]json.RawMessage // of the top-level mapping
	keys   []string                   // of the top-level mapping, in order
	at     map[string]token.Position  // of values by path, such as "layers[2].body[0].out"
}

// parseYAML reads one mapping of plain values: aliases and tags are errors, so
// that a file is as long as what it says. Errors begin with name and, where
// there is one, line and column.
func parseYAML(name string, content []byte) (*document, error) {
	d := &document{name: name, values: map[string]json.RawMessage{}, at: map[string]token.Position{}}
	tokens := lexer.Tokenize(string(content))
	if err := d.checkNesting(tokens); err != nil {
		return nil, err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		var at yaml.Error
		if errors.As(err, &at) {
			return nil, d.errorAt(*at.GetToken().Position, errors.New(at.GetMessage()))
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	switch {
	case len(file.Docs) > 1:
		return nil, fmt.Errorf("%s: %d YAML documents, want one", name, len(file.Docs))
	case len(file.Docs) == 0 || file.Docs[0].Body == nil:
		return nil, fmt.Errorf("%s: empty, want a mapping with layers", name)
	}
	pairs, ok := mapping(file.Docs[0].Body)
	if !ok {
		return nil, d.errorAt(*start(file.Docs[0].Body).Position, errors.New("want a mapping with layers"))
	}
	for _, p := range pairs {
		key, value, err := d.pair("", p)
		if err != nil {
			return nil, err
		}
		d.keys = append(d.keys, key)
		d.values[key] = value
	}
	return d, nil
}

// maxNesting is the depth up to which values may be nested.
const maxNesting = 100

// checkNesting keeps the parser, which calls itself for each level, from using
// up the stack. Brackets nest, and so do dashes and the like on one line; what
// is nested by indentation is bounded by the size of the file.
func (d *document) checkNesting(tokens token.Tokens) error {
	brackets, entries, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			entries, line = 0, t.Position.Line
		}
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			brackets++
		case token.MappingEndType, token.SequenceEndType:
			brackets--
		case token.SequenceEntryType, token.MappingKeyType, token.TagType, token.AnchorType:
			entries++
		}
		if brackets+entries > maxNesting {
			return d.errorAt(*t.Position, fmt.Errorf("nested more than %d deep, want less", maxNesting))
		}
	}
	return nil
}

// errorAt is an error about a place in the file.
func (d *document) errorAt(p token.Position, err error) error {
	return fmt.Errorf("%s:%d:%d: %w", d.name, p.Line, p.Column, err)
}

// errorf is an error about the value at path.
func (d *document) errorf(path, format string, args ...any) error {
	if p, ok := d.at[path]; ok {
		return d.errorAt(p, fmt.Errorf(format, args...))
	}
	return fmt.Errorf("%s: %w", d.name, fmt.Errorf(format, args...))
}

// mapping returns the pairs of a node that has them: the parser has a type of
// its own for a single one.
func mapping(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

func (d *document) pair(path string, p *ast.MappingValueNode) (key string, value json.RawMessage, err error) {
	k, ok := p.Key.(*ast.StringNode)
	if !ok {
		return "", nil, d.errorAt(*p.Key.GetToken().Position, fmt.Errorf("key %s, want a name", p.Key))
	}
	if path != "" {
		path += "."
	}
	path += k.Value
	if _, twice := d.at[path]; twice {
		return "", nil, d.errorAt(*k.Token.Position, fmt.Errorf("key %q twice", k.Value))
	}
	d.at[path] = *k.Token.Position
	value, err = d.json(path, p.Value)
	return k.Value, value, err
}

// json converts the value at path.
func (d *document) json(path string, n ast.Node) (json.RawMessage, error) {
	if pairs, ok := mapping(n); ok {
		b := json.RawMessage("{")
		for i, p := range pairs {
			key, value, err := d.pair(path, p)
			if err != nil {
				return nil, err
			}
			if i > 0 {
				b = append(b, ',')
			}
			name, err := json.Marshal(key)
			if err != nil {
				return nil, err
			}
			b = append(append(append(b, name...), ':'), value...)
		}
		return append(b, '}'), nil
	}
	var v any
	switch n := n.(type) {
	case *ast.SequenceNode:
		b := json.RawMessage("[")
		for i, item := range n.Values {
			at := path + "[" + strconv.Itoa(i) + "]"
			d.at[at] = *start(item).Position
			value, err := d.json(at, item)
			if err != nil {
				return nil, err
			}
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, value...)
		}
		return append(b, ']'), nil
	case *ast.IntegerNode:
		v = n.Value
	case *ast.FloatNode:
		v = n.Value
	case *ast.BoolNode:
		v = n.Value
	case *ast.StringNode:
		v = n.Value
	case *ast.LiteralNode:
		v = n.Value.Value
	case *ast.NullNode:
	case *ast.AnchorNode, *ast.AliasNode:
		return nil, d.errorAt(*start(n).Position, errors.New("anchors and aliases are not supported, write the value again"))
	case *ast.NanNode, *ast.InfinityNode:
		return nil, d.errorAt(*start(n).Position, fmt.Errorf("%s, want a finite number", n.GetToken().Value))
	default:
		return nil, d.errorAt(*start(n).Position, fmt.Errorf("%s, want a number, a text, true or false, a list or a mapping", n.Type()))
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, d.errorAt(*start(n).Position, err)
	}
	return b, nil
}

// start is the first token of a node. Of a mapping in block style, the parser
// gives the first colon.
func start(n ast.Node) *token.Token {
	if m, ok := n.(*ast.MappingNode); ok && m.IsFlowStyle {
		return m.Start
	}
	if pairs, ok := mapping(n); ok && len(pairs) > 0 {
		return pairs[0].Key.GetToken()
	}
	return n.GetToken()
}
