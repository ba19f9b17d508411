package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/manifest"
)

func newPluginCommand(l bench.Lists) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plugin",
		Short: "Optimizers of your own, in any language: write, check, install and lock them",
		Long: `Optimizers that are programs of their own: written in Go or Python with the SDKs, or
in anything that reads and writes frames on its standard input and output.

A plugin is a folder with a plugin.yaml. Plugins are found in the folders that
--plugin-dir and JOUST_PLUGIN_PATH name, in ./.joust/plugins, and where install puts
them, $XDG_DATA_HOME/joust/plugins.

A plugin runs with your rights: it can do whatever you can. Races run only those
whose files are as joust.lock has them. The commands here run what they are given.`,
		Example: `  joust plugin new --lang python my-es     a folder with a plugin that works
  joust plugin dev my-es                   raced again whenever it is saved
  joust plugin test my-es                  is it a good optimizer to race?
  joust plugin install my-es
  joust plugin lock my-es`,
		Args: func(cmd *cobra.Command, args []string) error {
			var names []string
			for _, c := range cmd.Commands() {
				names = append(names, c.Name())
			}
			if len(args) > 0 {
				return usagef("there is no command plugin %s; %s", args[0], hint(args[0], names))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		newPluginNewCommand(), newPluginInstallCommand(), newPluginRemoveCommand(), newPluginPackCommand(),
		newPluginListCommand(), newPluginInfoCommand(), newPluginLockCommand(), newPluginVerifyCommand(),
		newPluginTestCommand(l), newPluginBenchCommand(l), newPluginDevCommand(l), newPluginAttachCommand(), newPluginServeCommand(l),
	)
	return cmd
}

// oneArg accepts exactly one argument.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usagef("%s: %s, want %s", cmd.CommandPath(), count(len(args), "argument"), what)
		}
		return nil
	}
}

// named finds the plugin that a user means: the id of one that is found, or a
// folder. An id comes first, so that what a script says does not depend on
// where it is run; ./my-es is always the folder.
func (f *pluginFlags) named(what string) (*manifest.Manifest, error) {
	if strings.ContainsRune(what, filepath.Separator) || strings.ContainsRune(what, '/') || what == "." || what == ".." {
		return loadPlugin(what)
	}
	found, err := f.find()
	ids := make([]string, len(found))
	for i, m := range found {
		if ids[i] = m.ID; m.ID == what {
			return m, nil
		}
	}
	if _, e := os.Stat(filepath.Join(what, manifest.File)); e == nil {
		return loadPlugin(what)
	}
	switch s := optimizers.Suggest(what, ids); {
	case err != nil: // it may be the one that is meant
		return nil, usagef("no plugin is called %s, and of those there are: %w", what, err)
	case slices.Contains(taken(), what):
		return nil, usagef("%s is a built-in optimizer, want a plugin: %s", what, pluginsThere(ids))
	case s != "":
		return nil, usagef("no plugin is called %s; did you mean %s?", what, s)
	}
	return nil, usagef("no plugin is called %s, and no folder with a %s: %s", what, manifest.File, pluginsThere(ids))
}

func pluginsThere(ids []string) string {
	if len(ids) == 0 {
		return "no plugins are installed; joust plugin new makes one"
	}
	return "there are " + strings.Join(ids, ", ")
}

func loadPlugin(dir string) (*manifest.Manifest, error) {
	m, err := manifest.Load(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef("%s: no such plugin, want a folder with a %s", dir, manifest.File)
	case err != nil:
		if _, e := os.Stat(filepath.Join(dir, "go.mod")); e == nil && strings.Contains(err.Error(), ": entry: ") {
			return nil, usagef("%w; it is in Go: joust plugin dev %s compiles it", err, dir)
		}
		return nil, usagef("%w", err)
	case slices.Contains(taken(), m.ID):
		return nil, usagef("plugin %s: the built-in optimizer %[1]s has this name, want another id in %s", m.ID, filepath.Join(dir, manifest.File))
	}
	return m, nil
}

// ids completes the ids of the plugins that there are, and folders; more are names that
// are understood, too.
func (f *pluginFlags) ids(more ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		found, _ := f.find() // what is wrong with others is of no use here
		var names []string
		for _, m := range found {
			if !slices.Contains(args, m.ID) {
				names = append(names, cobra.CompletionWithDesc(m.ID, m.Summary))
			}
		}
		return append(names, more...), cobra.ShellCompDirectiveFilterDirs
	}
}

// writeJSON writes a document for programs.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// pluginTitle names a plugin on the first line about it.
func pluginTitle(m *manifest.Manifest) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s", m.ID, m.Version))
}

// builtinNamesOf are the names of the built-in optimizers.
func builtinNamesOf(l bench.Lists) []string {
	names := make([]string, len(l.Optimizers))
	for i, d := range l.Optimizers {
		names[i] = d.Name
	}
	return names
}

// interruptibly runs what has processes to end before this one does: Ctrl-C and
// SIGTERM end its context. A second one ends the program at once.
func interruptibly(cmd *cobra.Command, run func(ctx context.Context) error) error {
	ctx, stop := interruptible(cmd.Context(), func() {}, func() {})
	defer stop()
	err := run(ctx)
	if ctx.Err() != nil {
		return &exitError{exitInterrupted, errors.New("interrupted")}
	}
	return err
}
