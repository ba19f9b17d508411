package protocol

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is 0 or empty and means something is written; what is absent is not.
func TestFramesSayWhatMatters(t *testing.T) {
	zero, none := uint32(0), int64(0)
	for _, tt := range []struct {
		message any
		want    string
	}{
		{FrameRequest{Op: "describe", Protocol: 1, Minor: &zero, Features: []string{}}, `{"op":"describe","protocol":1,"minor":0,"features":[]}`},
		{FrameRequest{Op: "step", Run: "1", Tell: &FrameTell{}}, `{"op":"step","run":"1","tell":{"batch":0,"n":0,"grads":false}}`},
		{FrameAnswer{}, `{}`},
		{FrameAnswer{Told: true, Batch: 2, N: &none}, `{"told":true,"batch":2,"n":0}`},
		{FrameParam{Name: "p", Type: "int", Default: []byte("0"), Min: new(float64)}, `{"name":"p","type":"int","default":0,"min":0}`},
	} {
		got, err := json.Marshal(tt.message)
		if err != nil || string(got) != tt.want {
			t.Errorf("%+v = %s (%v), want %s", tt.message, got, err, tt.want)
		}
	}
	var a FrameAnswer
	if err := json.Unmarshal([]byte(`{"n":null,"bytes":8}`), &a); err != nil || a.Rows() != 0 {
		t.Errorf("rows = %d (%v), want 0", a.Rows(), err)
	}
	if diff := cmp.Diff(FrameAnswer{Bytes: 8}, a); diff != "" {
		t.Error(diff)
	}
}
