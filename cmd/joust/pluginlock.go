package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/plugins/manifest"
)

func newPluginLockCommand() *cobra.Command {
	var f pluginFlags
	cmd := &cobra.Command{
		Use:   "lock [ID|DIR...]",
		Short: "Let races run plugins as they are now: write joust.lock",
		Long: `Write joust.lock: of each plugin the hash of its files, its interpreter, and the versions
of the libraries that it says it is made of, for which it is started. Races in this
folder run it as long as all of that is so.

Without an argument, all plugins that are found are locked, and what else was in the
file is gone. With arguments, these are locked, and the others stay as they were.

The lock is against change by mistake and for results that can be repeated. It does
not make a plugin safe: look at it before you lock it.`,
		Example: `  joust plugin lock my-es
  joust plugin lock ./my-es
  joust plugin lock`,
		ValidArgsFunction: f.ids(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return interruptibly(cmd, func(ctx context.Context) error { return lockPlugins(ctx, &f, args, cmd.OutOrStdout()) })
		},
	}
	f.addSearch(cmd.Flags())
	f.addLock(cmd.Flags())
	return cmd
}

func lockPlugins(ctx context.Context, f *pluginFlags, args []string, out io.Writer) error {
	file := f.lockFile("")
	before, broken := manifest.ReadLock(file)
	var list []*manifest.Manifest
	lock := new(manifest.Lock)
	if len(args) == 0 {
		var err error
		if list, err = f.find(); err != nil {
			return usagef("%w", err)
		}
		if len(list) == 0 {
			return usagef("there is nothing to lock: no plugins in %s", strings.Join(searched(*f), ", "))
		}
	} else {
		if broken != nil {
			return usagef("%w", broken)
		}
		lock.Plugins = maps.Clone(before.Plugins)
		for _, a := range args {
			m, err := f.named(a)
			if err != nil {
				return err
			}
			list = append(list, m)
		}
	}
	if before == nil {
		before = new(manifest.Lock)
	}
	var report strings.Builder
	for _, m := range list {
		pin, err := fullPin(ctx, m, func(manifest.Pin) error { return nil })
		if err != nil {
			return err
		}
		if err := lock.Set(pin); err != nil {
			return err
		}
		fmt.Fprintf(&report, "%s: %s\n", pluginTitle(m), lockChange(before, pin))
	}
	for _, id := range slices.Sorted(maps.Keys(before.Plugins)) {
		if _, ok := lock.Plugins[id]; !ok {
			fmt.Fprintf(&report, "%s: no longer in the lock: it was not found\n", id)
		}
	}
	if err := lock.Write(file); err != nil {
		return err
	}
	_, err := io.WriteString(out, report.String())
	return err
}

// lockChange says what a new pin is to the lock before.
func lockChange(before *manifest.Lock, pin manifest.Pin) string {
	what := fmt.Sprintf("%s, %s", count(len(pin.Files), "file"), pin.Tree)
	v := before.Verify(pin)
	switch v.State {
	case manifest.Pinned:
		return "as it was: " + what
	case manifest.Unlocked:
		return "locked: " + what
	default:
		return "locked anew: " + what + "\n    " + strings.Join(v.Reasons, "\n    ")
	}
}

// fullPin hashes a plugin, and starts it, unless allow has something against it,
// to hear what it is made of.
func fullPin(ctx context.Context, m *manifest.Manifest, allow func(manifest.Pin) error) (pin manifest.Pin, err error) {
	p, _, err := openPlugin(ctx, m, func(now manifest.Pin) error {
		pin = now
		return allow(now)
	})
	if err != nil {
		return pin, err
	}
	return pin, p.Close()
}

// A verified is what verify says of one plugin.
type verified struct {
	ID      string   `json:"id"`
	State   string   `json:"state"` // as in list, or "gone"
	Reasons []string `json:"reasons,omitempty"`
	Dir     string   `json:"dir,omitempty"`
}

func (v verified) ok() bool { return v.State == "pinned" }

func newPluginVerifyCommand() *cobra.Command {
	var f pluginFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify [ID|DIR...]",
		Short: "Say exactly how plugins differ from joust.lock",
		Long: `Compare plugins with what joust.lock has of them: their files, interpreter, machine, and
the versions of their libraries. Those whose files are as they were locked are started
for the latter; others are not. Without an argument: all that are locked.

The exit status is 1 if one of them differs.`,
		Example: `  joust plugin verify
  joust plugin verify my-es --json`,
		ValidArgsFunction: f.ids(),
		RunE: func(cmd *cobra.Command, args []string) error {
			var all []verified
			err := interruptibly(cmd, func(ctx context.Context) (err error) { all, err = verify(ctx, &f, args); return err })
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if asJSON {
				err = writeJSON(out, all)
			} else {
				err = writeVerified(out, all)
			}
			bad := 0
			for _, v := range all {
				if !v.ok() {
					bad++
				}
			}
			if bad > 0 {
				err = errors.Join(err, &exitError{exitFailed, fmt.Errorf("%d of %s not as locked", bad, count(len(all), "plugin"))})
			}
			return err
		},
	}
	f.addSearch(cmd.Flags())
	f.addLock(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func writeVerified(w io.Writer, all []verified) error {
	var b strings.Builder
	for _, v := range all {
		if v.ok() {
			fmt.Fprintf(&b, "%s: as locked\n", v.ID)
			continue
		}
		words := map[string]string{"changed": "changed", "elsewhere": "as locked, on something else", "unlocked": "not locked", "gone": "not found"}
		fmt.Fprintf(&b, "%s: %s\n", v.ID, words[v.State])
		for _, r := range v.Reasons {
			fmt.Fprintf(&b, "    %s\n", r)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// verify compares the plugins named, or all that are locked.
func verify(ctx context.Context, f *pluginFlags, args []string) ([]verified, error) {
	lock, err := manifest.ReadLock(f.lockFile(""))
	if err != nil {
		return nil, usagef("%w", err)
	}
	all := []verified{}
	if len(args) > 0 {
		for _, a := range args {
			m, err := f.named(a)
			if err != nil {
				return nil, err
			}
			v, err := verifyOne(ctx, lock, m)
			if err != nil {
				return nil, err
			}
			all = append(all, v)
		}
		return all, nil
	}
	if len(lock.Plugins) == 0 {
		return nil, usagef("nothing is locked in %s; joust plugin lock writes it", f.lockFile(""))
	}
	found, wrong := f.find()
	for _, id := range slices.Sorted(maps.Keys(lock.Plugins)) {
		i := slices.IndexFunc(found, func(m *manifest.Manifest) bool { return m.ID == id })
		if i < 0 {
			v := verified{ID: id, State: "gone", Reasons: []string{"not in " + strings.Join(searched(*f), ", ")}}
			if wrong != nil {
				v.Reasons = strings.Split(wrong.Error(), "\n") // one of these may be it
			}
			all = append(all, v)
			continue
		}
		v, err := verifyOne(ctx, lock, found[i])
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// verifyOne starts a plugin only if all that is known before is as locked.
func verifyOne(ctx context.Context, lock *manifest.Lock, m *manifest.Manifest) (verified, error) {
	pin, err := m.Pin(os.Environ())
	if err != nil {
		return verified{}, usagef("%w", err)
	}
	v := lock.Verify(pin)
	if v.State == manifest.Pinned {
		pin, err := fullPin(ctx, m, func(pin manifest.Pin) error {
			if v := lock.Verify(pin); pin.Modules == nil {
				return v.Err() // changed meanwhile
			}
			return nil
		})
		if err != nil {
			return verified{}, err
		}
		v = lock.Verify(pin)
	}
	return verified{ID: m.ID, State: lockStates[v.State], Reasons: v.Reasons, Dir: m.Dir}, nil
}
