package protocol

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

var update = flag.Bool("update", false, "add to testdata/released.txt what was added to the protocol, for a release")

const releasedFile = "testdata/released.txt"

// render lists what two versions have to agree on: every message, field, enum,
// value and method of a file by its name, and what it is.
func render(file protoreflect.FileDescriptor) map[string]string {
	all := map[string]string{"package": string(file.Package())}
	var messages func(protoreflect.MessageDescriptors)
	enums := func(list protoreflect.EnumDescriptors) {
		for i := range list.Len() {
			e := list.Get(i)
			all["enum "+name(e)] = "an enum"
			for j := range e.Values().Len() {
				v := e.Values().Get(j)
				all[fmt.Sprintf("value %s.%s", name(e), v.Name())] = fmt.Sprintf("number %d", v.Number())
			}
		}
	}
	messages = func(list protoreflect.MessageDescriptors) {
		for i := range list.Len() {
			m := list.Get(i)
			all["message "+name(m)] = "a message"
			for j := range m.Fields().Len() {
				f := m.Fields().Get(j)
				all["field "+name(f)] = fmt.Sprintf("number %d, %s", f.Number(), fieldType(f))
			}
			enums(m.Enums())
			messages(m.Messages())
		}
	}
	messages(file.Messages())
	enums(file.Enums())
	for i := range file.Services().Len() {
		s := file.Services().Get(i)
		all["service "+name(s)] = "a service"
		for j := range s.Methods().Len() {
			m := s.Methods().Get(j)
			all["method "+name(m)] = fmt.Sprintf("(%s) returns (%s)", end(m.IsStreamingClient(), m.Input()), end(m.IsStreamingServer(), m.Output()))
		}
	}
	return all
}

// name is that of a descriptor in its package.
func name(d protoreflect.Descriptor) string {
	return strings.TrimPrefix(string(d.FullName()), string(d.ParentFile().Package())+".")
}

func end(stream bool, m protoreflect.MessageDescriptor) string {
	if stream {
		return "stream " + name(m)
	}
	return name(m)
}

func fieldType(f protoreflect.FieldDescriptor) string {
	t := f.Kind().String()
	switch {
	case f.Message() != nil:
		t = name(f.Message())
	case f.Enum() != nil:
		t = name(f.Enum())
	}
	switch {
	case f.IsList():
		t = "repeated " + t
	case f.HasOptionalKeyword():
		t = "optional " + t
	case f.ContainingOneof() != nil:
		t += ", one of " + string(f.ContainingOneof().Name())
	}
	return t
}

// broken says what of a released protocol another one does not keep. What it has
// besides is an addition.
func broken(released, now map[string]string) []string {
	const remedy = "put it back; what is to be different is added beside it, under a feature that both sides name, or is for the next MAJOR version, in a package of its own"
	var bad []string
	for _, what := range slices.Sorted(maps.Keys(released)) {
		was := released[what]
		is, there := now[what]
		switch {
		case is == was:
		case there:
			bad = append(bad, fmt.Sprintf("%s: was %s, and is %s: %s", what, was, is, remedy))
		default:
			bad = append(bad, fmt.Sprintf("%s: was %s, and is removed or renamed: %s", what, was, remedy))
		}
	}
	return bad
}

func readReleased(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(releasedFile)
	if err != nil {
		t.Fatal(err)
	}
	released := map[string]string{}
	for line := range strings.Lines(string(text)) {
		what, is, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			t.Fatalf("%s: line %q, want what it is after a colon", releasedFile, line)
		}
		released[what] = is
	}
	return released
}

// TestReleasedProtocolIsKept compares member by member. For a release, run it
// with -update: it adds what is new, and changes nothing.
func TestReleasedProtocolIsKept(t *testing.T) {
	now := render(File_optimizer_proto)
	if *update {
		all := now
		if _, err := os.Stat(releasedFile); err == nil {
			all = maps.Clone(now)
			maps.Copy(all, readReleased(t))
		}
		var b strings.Builder
		for _, what := range slices.Sorted(maps.Keys(all)) {
			fmt.Fprintf(&b, "%s: %s\n", what, all[what])
		}
		if err := os.WriteFile(releasedFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	released := readReleased(t)
	if len(released) < 100 {
		t.Fatalf("%s has %d lines", releasedFile, len(released))
	}
	for _, b := range broken(released, now) {
		t.Error(b)
	}
}

// TestBreakingChangesAreSeen makes each kind of change to the descriptor.
func TestBreakingChangesAreSeen(t *testing.T) {
	released := readReleased(t)
	message := func(f *descriptorpb.FileDescriptorProto, name string) *descriptorpb.DescriptorProto {
		i := slices.IndexFunc(f.MessageType, func(m *descriptorpb.DescriptorProto) bool { return m.GetName() == name })
		return f.MessageType[i]
	}
	field := func(f *descriptorpb.FileDescriptorProto, in, name string) *descriptorpb.FieldDescriptorProto {
		m := message(f, in)
		i := slices.IndexFunc(m.Field, func(d *descriptorpb.FieldDescriptorProto) bool { return d.GetName() == name })
		return m.Field[i]
	}
	enum := func(f *descriptorpb.FileDescriptorProto, name string) *descriptorpb.EnumDescriptorProto {
		i := slices.IndexFunc(f.EnumType, func(e *descriptorpb.EnumDescriptorProto) bool { return e.GetName() == name })
		return f.EnumType[i]
	}
	for _, tt := range []struct {
		name   string
		change func(f *descriptorpb.FileDescriptorProto)
		want   []string // the start of each complaint; none: an addition
	}{
		{"nothing", func(*descriptorpb.FileDescriptorProto) {}, nil},
		{"field added", func(f *descriptorpb.FileDescriptorProto) {
			m := message(f, "Tell")
			m.Field = append(m.Field, &descriptorpb.FieldDescriptorProto{
				Name: proto.String("hessian"), Number: proto.Int32(4),
				Type: descriptorpb.FieldDescriptorProto_TYPE_BYTES.Enum(), Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
			})
		}, nil},
		{"value added", func(f *descriptorpb.FileDescriptorProto) {
			e := enum(f, "Ability")
			e.Value = append(e.Value, &descriptorpb.EnumValueDescriptorProto{Name: proto.String("ABILITY_FLY"), Number: proto.Int32(6)})
		}, nil},
		{"message and method added", func(f *descriptorpb.FileDescriptorProto) {
			f.MessageType = append(f.MessageType, &descriptorpb.DescriptorProto{Name: proto.String("Pause")})
			f.Service[0].Method = append(f.Service[0].Method, &descriptorpb.MethodDescriptorProto{
				Name: proto.String("Pause"), InputType: proto.String(".joust.optimizer.v1.Pause"), OutputType: proto.String(".joust.optimizer.v1.Pause"),
			})
		}, nil},
		{"field renamed", func(f *descriptorpb.FileDescriptorProto) { field(f, "Tell", "losses").Name = proto.String("fitness") }, []string{
			"field Tell.losses: was number 2, repeated double, and is removed or renamed: put it back",
		}},
		{"field renumbered", func(f *descriptorpb.FileDescriptorProto) { field(f, "Tell", "losses").Number = proto.Int32(9) }, []string{
			"field Tell.losses: was number 2, repeated double, and is number 9, repeated double: put it back",
		}},
		{"fields swapped", func(f *descriptorpb.FileDescriptorProto) {
			a, b := field(f, "Block", "off"), field(f, "Block", "len")
			a.Number, b.Number = b.Number, a.Number
		}, []string{"field Block.len: was number 3, uint64, and is number 2", "field Block.off: was number 2, uint64, and is number 3"}},
		{"field of another type", func(f *descriptorpb.FileDescriptorProto) {
			field(f, "InitRequest", "seed").Type = descriptorpb.FieldDescriptorProto_TYPE_INT64.Enum()
		}, []string{"field InitRequest.seed: was number 8, uint64, and is number 8, int64"}},
		{"field of another message", func(f *descriptorpb.FileDescriptorProto) {
			field(f, "Asked", "rows").TypeName = proto.String(".joust.optimizer.v1.Chunk")
		}, []string{"field Asked.rows: was number 2, Rows, and is number 2, Chunk"}},
		{"field no longer repeated", func(f *descriptorpb.FileDescriptorProto) {
			field(f, "Tell", "losses").Label = descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum()
		}, []string{"field Tell.losses: was number 2, repeated double, and is number 2, double"}},
		{"field no longer one of two", func(f *descriptorpb.FileDescriptorProto) { field(f, "Rows", "offset").OneofIndex = nil }, []string{
			"field Rows.offset: was number 3, uint64, one of where, and is number 3, uint64",
		}},
		{"field no longer optional", func(f *descriptorpb.FileDescriptorProto) {
			p := message(f, "Param")
			p.OneofDecl = nil
			for _, d := range p.Field {
				d.OneofIndex, d.Proto3Optional = nil, nil
			}
		}, []string{"field Param.max: was number 6, optional double, and is number 6, double", "field Param.min: was"}},
		{"field removed", func(f *descriptorpb.FileDescriptorProto) {
			m := message(f, "Description")
			m.Field = slices.DeleteFunc(m.Field, func(d *descriptorpb.FieldDescriptorProto) bool { return d.GetName() == "doc" })
		}, []string{"field Description.doc: was number 4, string, and is removed or renamed"}},
		{"message removed", func(f *descriptorpb.FileDescriptorProto) {
			m := message(f, "DiagnoseResponse")
			m.Field = slices.DeleteFunc(m.Field, func(d *descriptorpb.FieldDescriptorProto) bool { return d.GetName() == "figures" })
			f.MessageType = slices.DeleteFunc(f.MessageType, func(m *descriptorpb.DescriptorProto) bool { return m.GetName() == "Figure" })
		}, []string{"field DiagnoseResponse.figures: was", "field Figure.name: was", "field Figure.value: was", "message Figure: was a message, and is removed"}},
		{"value renamed", func(f *descriptorpb.FileDescriptorProto) {
			enum(f, "Need").Value[2].Name = proto.String("NEED_GRADIENT")
		}, []string{
			"value Need.NEED_GRAD: was number 2, and is removed or renamed",
		}},
		{"value renumbered", func(f *descriptorpb.FileDescriptorProto) { enum(f, "Need").Value[2].Number = proto.Int32(3) }, []string{
			"value Need.NEED_GRAD: was number 2, and is number 3",
		}},
		{"nested value renumbered", func(f *descriptorpb.FileDescriptorProto) {
			message(f, "Failure").EnumType[0].Value[7].Number = proto.Int32(70)
		}, []string{"value Failure.Kind.KIND_BROKEN: was number 7, and is number 70"}},
		{"method renamed", func(f *descriptorpb.FileDescriptorProto) { f.Service[0].Method[7].Name = proto.String("End") }, []string{
			"method Optimizer.Finish: was (FinishRequest) returns (FinishResponse), and is removed or renamed",
		}},
		{"method no longer a stream", func(f *descriptorpb.FileDescriptorProto) { f.Service[0].Method[2].ServerStreaming = proto.Bool(false) }, []string{
			"method Optimizer.Step: was (stream StepRequest) returns (stream StepResponse), and is (stream StepRequest) returns (StepResponse)",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := protodesc.ToFileDescriptorProto(File_optimizer_proto)
			tt.change(f)
			changed, err := protodesc.NewFile(f, protoregistry.GlobalFiles)
			if err != nil {
				t.Fatal(err)
			}
			bad := broken(released, render(changed))
			if len(bad) != len(tt.want) {
				t.Fatalf("complaints %q, want %d", bad, len(tt.want))
			}
			for i, want := range tt.want {
				if !strings.HasPrefix(bad[i], want) || !strings.Contains(bad[i], "MAJOR version") {
					t.Errorf("complaint %q, want %q, and what to do", bad[i], want)
				}
			}
		})
	}
}
