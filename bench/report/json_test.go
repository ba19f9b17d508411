package report

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestJSONHoldsWhatIsNotFinite(t *testing.T) {
	for _, tt := range []struct {
		n    Number
		want string
	}{{Number(nan), "null"}, {Number(inf), `"+Inf"`}, {Number(-inf), `"-Inf"`}, {.1, "0.1"}, {1e300, "1e+300"}} {
		got, err := json.Marshal(tt.n)
		if err != nil || string(got) != tt.want {
			t.Errorf("%v is %s (%v), want %s", float64(tt.n), got, err, tt.want)
		}
	}
}

func TestJSONFields(t *testing.T) {
	var b strings.Builder
	if err := JSON(&b, Analyse(Input{Name: "n", Planned: 1, Results: mixed()[2:3]})); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Answer []struct{ Lead string }
		Notes  []string
		Tasks  []struct {
			Contenders []struct {
				Label string
				Rank  int
				ERT   struct{ Value, Lo any }
				Start struct{ Verdict string } `json:"gradient_start"`
			}
		}
		Failures []any
	}
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatal(err)
	}
	c := got.Tasks[0].Contenders[0]
	if c.Label != "plain + sgd" || c.Rank != 1 || c.ERT.Value != "+Inf" || c.ERT.Lo != nil || c.Start.Verdict != "VANISHING" {
		t.Errorf("contender = %+v", c)
	}
	if got.Failures == nil {
		t.Error("no failures is null, want []")
	}
}
