package evolution

import (
	"fmt"
	"os"
	"testing"

	"github.com/joust-bench/joust/optimizers/opttest"
)

func TestExplore(t *testing.T) {
	for _, n := range []int{10, 20, 40} {
		if n > 10 && os.Getenv("ALL") == "" {
			continue
		}
		for _, active := range []bool{false, true} {
			for _, name := range []string{"sphere", "ellipsoid", "rotated-ellipsoid", "rosenbrock"} {
				s := opttest.Search{Definition: CMAES, Config: fmt.Sprintf(`{"sigma":1,"active":%v}`, active), Function: opttest.NewFunction(name, n), Limit: 200000}
				tl, err := s.Tally(25)
				fmt.Println(n, active, name, tl, err)
			}
		}
	}
}
