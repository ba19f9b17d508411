package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/joust-bench/joust/optimizers"
)

// Limits on plugin.yaml: ten times what one with every key and a page of
// comments has. The second is for the parser, whose time grows with the square
// of the number of keys.
const (
	maxYAMLBytes  = 64 << 10
	maxYAMLTokens = 2_000
)

// A place is where in a file something is.
type place struct {
	file         string
	line, column int
}

func (p place) errorf(format string, args ...any) error {
	// What is quoted from the file may be anything.
	harmless := strings.Map(func(r rune) rune {
		if isControl(r) {
			return ' '
		}
		return r
	}, strings.ReplaceAll(fmt.Sprintf(format, args...), "\t", `\t`)) // which is not seen otherwise
	return fmt.Errorf("%s:%d:%d: %s", p.file, p.line, p.column, harmless)
}

// A value is a part of plugin.yaml: text, a list of values, or keys with
// values. Nothing is interpreted: version 1.10 stays "1.10".
type value struct {
	place
	kind   kind
	text   string
	items  []value
	fields []field
}

type field struct{ key, value value }

type kind uint8

const (
	scalar kind = iota
	list
	mapping
)

// String is the value as an error shows it.
func (v value) String() string {
	switch {
	case v.kind == list:
		return "a list"
	case v.kind == mapping:
		return "a mapping"
	case v.text == "":
		return "empty"
	case utf8.RuneCountInString(v.text) > 60 || strings.ContainsFunc(v.text, isControl):
		return fmt.Sprintf("%.60q", v.text)
	}
	return v.text
}

// isControl tells what would break a line or a terminal.
func isControl(r rune) bool { return r < ' ' || 0x7f <= r && r < 0xa0 || r == utf8.RuneError }

// keys returns the values of a mapping, of which only names are known.
func (v value) keys(what string, names ...string) (map[string]value, error) {
	if v.kind != mapping {
		return nil, v.errorf("%s is %v, want a mapping with %s", what, v, strings.Join(names, ", "))
	}
	values := make(map[string]value)
	for _, f := range v.fields {
		if !slices.Contains(names, f.key.text) {
			return nil, f.key.errorf("%s has no key %v; %s", what, f.key, hint(f.key.text, names))
		}
		values[f.key.text] = f.value
	}
	return values, nil
}

// hint says what a wrong name could have been.
func hint(got string, names []string) string {
	if s := optimizers.Suggest(got, names); s != "" {
		return fmt.Sprintf("did you mean %s?", s)
	}
	last := len(names) - 1
	return "want " + strings.Join(names[:last], ", ") + " or " + names[last]
}

// trailing is the white space at the ends of lines, and of lines that end in
// other ways than \n: the parser puts values before it in wrong columns.
var trailing = regexp.MustCompile(`[ \t]+(\r\n|\r|\n|$)|\r\n|\r`)

// parseYAML reads the one document of a file.
func parseYAML(file string, src []byte) (v value, err error) {
	start := place{file, 1, 1}
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	switch {
	case len(src) > maxYAMLBytes:
		return v, start.errorf("more than %d bytes: is this the description of a plugin?", maxYAMLBytes)
	case !utf8.Valid(src) || bytes.IndexByte(src, 0) >= 0:
		return v, start.errorf("not a text file, want YAML in UTF-8")
	}
	// The parser is another project's and reads what strangers wrote.
	defer func() {
		if r := recover(); r != nil {
			err = start.errorf("the YAML parser gave up (%v)", r)
		}
	}()
	tokens := lexer.Tokenize(trailing.ReplaceAllString(string(src), "\n"))
	if len(tokens) > maxYAMLTokens {
		return v, start.errorf("%d YAML tokens, want at most %d", len(tokens), maxYAMLTokens)
	}
	// A key that is given twice is found below, where both places are known.
	f, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return v, syntaxError(start, err)
	}
	var body ast.Node
	for _, doc := range f.Docs {
		switch {
		case doc.Body == nil || doc.Body.Type() == ast.DirectiveType:
		case body != nil:
			return v, placeOf(file, doc.Start).errorf("a second document starts here, want one plugin a file")
		default:
			body = doc.Body
		}
	}
	if body == nil {
		return v, start.errorf("the file is empty, want id, version, protocol, runtime and entry")
	}
	return convert(file, body)
}

// syntaxError puts an error of the parser into one line.
func syntaxError(start place, err error) error {
	if e, ok := errors.AsType[yaml.Error](err); ok && e.GetToken() != nil {
		return placeOf(start.file, e.GetToken()).errorf("%s", oneLine(e.GetMessage()))
	}
	return start.errorf("%s", oneLine(err.Error()))
}

func oneLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

func placeOf(file string, t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{file, 1, 1}
	}
	return place{file, t.Position.Line, t.Position.Column}
}

// convert turns the parser's tree into ours, or says what there is in it that
// plugin.yaml has no use for.
func convert(file string, n ast.Node) (value, error) {
	at := placeOf(file, n.GetToken())
	switch n := n.(type) {
	case *ast.MappingNode:
		return convertMapping(file, at, n)
	case *ast.SequenceNode:
		out := value{place: at, kind: list}
		for _, item := range n.Values {
			v, err := convert(file, item)
			if err != nil {
				return value{}, err
			}
			out.items = append(out.items, v)
		}
		return out, nil
	case *ast.StringNode:
		if t := n.GetToken(); t.Type == token.StringType && strings.Contains(strings.TrimSpace(t.Origin), "\t") {
			return value{}, at.errorf("a tab inside a value, want spaces, or quotes around it") // the parser drops it
		}
		return value{place: at, text: n.Value}, nil
	case *ast.LiteralNode:
		return value{place: at, text: strings.TrimSuffix(n.Value.Value, "\n")}, nil
	case *ast.NullNode:
		return value{place: at}, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return value{place: at, text: n.GetToken().Value}, nil
	case *ast.AnchorNode, *ast.AliasNode:
		return value{}, at.errorf("anchors and aliases are not supported, write the value again")
	case *ast.TagNode:
		return value{}, at.errorf("tags are not supported, want the value without %s", n.GetToken().Value)
	default:
		return value{}, at.errorf("a YAML %s is not supported, want a value, a list or a mapping", n.Type())
	}
}

func convertMapping(file string, at place, n *ast.MappingNode) (value, error) {
	out := value{place: at, kind: mapping}
	for _, pair := range n.Values {
		switch pair.Key.(type) {
		case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		default:
			return value{}, placeOf(file, pair.Key.GetToken()).errorf("want a key of one word before the colon")
		}
		key, err := convert(file, pair.Key)
		if err != nil {
			return value{}, err
		}
		for _, f := range out.fields {
			if f.key.text == key.text {
				return value{}, key.errorf("%v is given twice, first in line %d", key, f.key.line)
			}
		}
		v, err := convert(file, pair.Value)
		if err != nil {
			return value{}, err
		}
		out.fields = append(out.fields, field{key, v})
	}
	if !n.IsFlowStyle && len(out.fields) > 0 {
		out.place = out.fields[0].key.place // the parser says where its colon is
	}
	return out, nil
}
