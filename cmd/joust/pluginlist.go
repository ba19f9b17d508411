package main

import (
	"cmp"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/plugins/manifest"
)

// A pluginState is a plugin that was found, and what the lock says of it.
type pluginState struct {
	ID      string `json:"id"`
	Version string `json:"version,omitempty"`
	Runtime string `json:"runtime"`
	Dir     string `json:"dir"`
	Summary string `json:"summary,omitempty"`
	Hash    string `json:"hash,omitempty"`
	// Lock is "pinned", "elsewhere", "unlocked" or "changed"; empty: it cannot be
	// run, and Reasons say why.
	Lock    string   `json:"lock,omitempty"`
	Reasons []string `json:"reasons,omitempty"`
}

var lockStates = map[manifest.State]string{
	manifest.Pinned: "pinned", manifest.Elsewhere: "elsewhere", manifest.Unlocked: "unlocked", manifest.Changed: "changed",
}

// stateOf hashes a plugin and compares it with the lock. It starts nothing.
func stateOf(m *manifest.Manifest, lock *manifest.Lock) pluginState {
	s := pluginState{ID: m.ID, Version: m.Version, Runtime: m.Runtime, Dir: m.Dir, Summary: bench.Printable(m.Summary)}
	pin, err := m.Pin(os.Environ())
	if err != nil {
		s.Reasons = []string{err.Error()}
		return s
	}
	v := lock.Verify(pin)
	s.Hash, s.Lock, s.Reasons = pin.Tree, lockStates[v.State], v.Reasons
	return s
}

// locked says in words whether races run it.
func (s pluginState) locked() string {
	switch s.Lock {
	case "pinned":
		return "locked"
	case "unlocked":
		return "not locked"
	case "changed":
		return "changed since it was locked"
	case "elsewhere":
		return "locked for another machine: " + strings.Join(s.Reasons, "; ")
	default:
		return "does not run: " + strings.Join(s.Reasons, "; ")
	}
}

func newPluginListCommand() *cobra.Command {
	var f pluginFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the plugins that there are, and whether they are locked",
		Long: `List the plugins that are found: id, version, runtime, where, and whether the lock
file here vouches for them. None is started. What is wrong with a folder is said, and
the others are listed all the same; the exit status is 2 then.`,
		Example: `  joust plugin list
  joust plugin list --plugin-dir ./plugins --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			found, wrong := f.find()
			if wrong != nil {
				wrong = usagef("%w", wrong)
			}
			lock, err := manifest.ReadLock(f.lockFile(""))
			if err != nil {
				return errors.Join(usagef("%w", err), wrong)
			}
			states := make([]pluginState, len(found))
			rows := make([][]string, len(found))
			for i, m := range found {
				s := stateOf(m, lock)
				states[i] = s
				rows[i] = []string{s.ID, cmp.Or(s.Version, "–"), s.Runtime, s.Dir, s.locked()}
			}
			out := cmd.OutOrStdout()
			switch {
			case asJSON:
				err = writeJSON(out, states)
			case len(found) == 0 && wrong == nil:
				cmd.PrintErrf("no plugins in %s; joust plugin new makes one\n", strings.Join(searched(f), ", "))
			default:
				_, err = io.WriteString(out, aligned(rows, terminalWidth(out)))
			}
			return errors.Join(wrong, err)
		},
	}
	f.addSearch(cmd.Flags())
	f.addLock(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

// searched are the folders that plugins are looked for in.
func searched(f pluginFlags) []string {
	dirs := manifest.Dirs(f.dirs)
	if len(dirs) == 0 {
		if data, err := manifest.DataDir(); err == nil {
			dirs = append(dirs, data)
		}
	}
	return dirs
}
