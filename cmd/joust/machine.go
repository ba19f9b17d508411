package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/joust-bench/joust/bench/report"
)

// thisMachine describes what trials run on, for reports.
func thisMachine() report.Machine {
	return report.Machine{
		CPU:   cpuModel("/proc/cpuinfo"),
		Cores: runtime.NumCPU(),
		OS:    runtime.GOOS,
		Arch:  runtime.GOARCH,
		Go:    runtime.Version(),
		Joust: version(),
	}
}

// cpuModel is the name of the processor where the system has a file that says
// it, as Linux does, and else its architecture.
func cpuModel(cpuinfo string) string {
	info, err := os.ReadFile(cpuinfo)
	if err != nil {
		return runtime.GOARCH // other systems do not have it
	}
	for line := range strings.Lines(string(info)) {
		key, value, _ := strings.Cut(line, ":")
		if name := strings.Join(strings.Fields(value), " "); strings.TrimSpace(key) == "model name" && name != "" {
			return name
		}
	}
	return runtime.GOARCH
}

// totalMemory is the memory of the machine in bytes where the system has a file
// that says it, as Linux does, and else 0, for unknown.
func totalMemory(meminfo string) int64 {
	content, err := os.ReadFile(meminfo)
	if err != nil {
		return 0
	}
	var kilobytes int64
	if n, _ := fmt.Sscanf(string(content), "MemTotal: %d kB", &kilobytes); n != 1 {
		return 0
	}
	return kilobytes * 1024
}

// version is that of the module, as the build recorded it: a tag, or the
// commit with its time; "devel" if neither is known.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
