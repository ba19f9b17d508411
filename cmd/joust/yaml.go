package main

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits on a YAML file. The second is for the parser, whose time grows with
// the square of the number of keys: 20,000 tokens take it about a second, and
// are a hundred times more than a long experiment.
const (
	maxYAMLBytes  = 1 << 20
	maxYAMLTokens = 20_000
)

// trailing is the white space at the ends of lines, and of lines that end in
// other ways than \n: the parser puts values before it in wrong columns.
var trailing = regexp.MustCompile(`[ \t]+(\r\n|\r|\n|$)|\r\n|\r`)

// parseYAML reads the one document of a file.
func parseYAML(file string, src []byte) (n node, err error) {
	start := place{file, 1, 1}
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	switch {
	case len(src) > maxYAMLBytes:
		return n, start.errorf("more than %d bytes: is this an experiment?", maxYAMLBytes)
	case !utf8.Valid(src) || bytes.IndexByte(src, 0) >= 0:
		return n, start.errorf("not a text file, want YAML in UTF-8")
	}
	// The parser is another project's and reads what users type: should it
	// panic on something that nobody has tried yet, the user gets an error.
	defer func() {
		if v := recover(); v != nil {
			err = start.errorf("the YAML parser gave up (%v): is this an experiment?", v)
		}
	}()
	tokens := lexer.Tokenize(trailing.ReplaceAllString(string(src), "\n"))
	if len(tokens) > maxYAMLTokens {
		return n, start.errorf("%d YAML tokens, want at most %d: is this an experiment?", len(tokens), maxYAMLTokens)
	}
	// Duplicate keys are found below, where both places are known.
	f, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return n, syntaxError(start, err)
	}
	var body ast.Node
	for _, doc := range f.Docs {
		switch {
		case doc.Body == nil || doc.Body.Type() == ast.DirectiveType:
		case body != nil:
			return n, placeOf(file, doc.Start).errorf("a second document starts here, want one experiment a file")
		default:
			body = doc.Body
		}
	}
	if body == nil {
		return n, start.errorf("the file is empty, want an experiment (joust describe vanishing prints one)")
	}
	return convert(file, body)
}

// syntaxError puts an error of the parser into one line.
func syntaxError(start place, err error) error {
	if e, ok := errors.AsType[yaml.Error](err); ok && e.GetToken() != nil {
		return placeOf(start.file, e.GetToken()).errorf("%s", e.GetMessage())
	}
	msg, _, _ := strings.Cut(err.Error(), "\n")
	return start.errorf("%s", msg)
}

func placeOf(file string, t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{file, 1, 1}
	}
	return place{file, t.Position.Line, t.Position.Column}
}

// convert turns the parser's tree into ours, or says what there is in it that
// an experiment has no use for.
func convert(file string, n ast.Node) (node, error) {
	at := placeOf(file, n.GetToken())
	switch n := n.(type) {
	case *ast.MappingNode:
		out := node{place: at, kind: mapping}
		for _, v := range n.Values {
			key, err := convertKey(file, v.Key)
			if err != nil {
				return node{}, err
			}
			for _, p := range out.pairs {
				if p.key.text == key.text {
					return node{}, key.errorf("%s is given twice, first in line %d", key.describe(), p.key.line)
				}
			}
			value, err := convert(file, v.Value)
			if err != nil {
				return node{}, err
			}
			out.pairs = append(out.pairs, pair{key, value})
		}
		if !n.IsFlowStyle && len(out.pairs) > 0 {
			out.place = out.pairs[0].key.place // the parser says where its colon is
		}
		return out, nil
	case *ast.SequenceNode:
		out := node{place: at, kind: list}
		for _, v := range n.Values {
			item, err := convert(file, v)
			if err != nil {
				return node{}, err
			}
			out.items = append(out.items, item)
		}
		return out, nil
	case *ast.StringNode:
		t := n.GetToken()
		quoted := t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType
		if !quoted && strings.Contains(strings.TrimSpace(t.Origin), "\t") {
			return node{}, at.errorf("a tab inside a value, want spaces, or quotes around it") // the parser drops it
		}
		return node{place: at, text: n.Value, quoted: quoted}, nil
	case *ast.LiteralNode:
		return node{place: at, text: n.Value.Value, quoted: true}, nil
	case *ast.NullNode:
		return node{place: at}, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return node{place: at, text: n.GetToken().Value}, nil
	case *ast.AnchorNode, *ast.AliasNode:
		return node{}, at.errorf("anchors and aliases are not supported, write the value again")
	case *ast.TagNode:
		return node{}, at.errorf("tags are not supported, want the value without %s", n.GetToken().Value)
	default:
		return node{}, at.errorf("a YAML %s is not supported, want a value, a list or a mapping", n.Type())
	}
}

func convertKey(file string, k ast.MapKeyNode) (node, error) {
	at := placeOf(file, k.GetToken())
	switch k := k.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return convert(file, k)
	case *ast.MergeKeyNode:
		return node{}, at.errorf("merge keys are not supported, write the members again")
	default:
		return node{}, at.errorf("want a key of one word before the colon")
	}
}
