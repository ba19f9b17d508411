package manifest

import (
	"runtime"
	"testing"
)

// skipOffLinux ends a test of what other systems may not have. Linux has it all, so
// that there it is a failure.
func skipOffLinux(t *testing.T, why ...any) {
	t.Helper()
	if runtime.GOOS == "linux" {
		t.Fatal(why...)
	}
	t.Skip(why...)
}
