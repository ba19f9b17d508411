package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/plugins/host"
	"github.com/joust-bench/joust/plugins/manifest"
	"github.com/joust-bench/joust/plugins/protocol"
)

// A pluginInfo is what info says of a plugin.
type pluginInfo struct {
	pluginState
	License     string         `json:"license,omitempty"`
	Homepage    string         `json:"homepage,omitempty"`
	Entry       string         `json:"entry"`
	Interpreter string         `json:"interpreter,omitempty"` // where it is
	MadeOf      []string       `json:"made_of,omitempty"`     // versions of its libraries
	Optimizers  []pluginServes `json:"optimizers"`
	Files       []pluginFile   `json:"files"`
}

// A pluginServes is an optimizer of a plugin.
type pluginServes struct {
	thing
	Version   string   `json:"version,omitempty"`
	License   string   `json:"license,omitempty"`
	Homepage  string   `json:"homepage,omitempty"`
	Doc       string   `json:"doc,omitempty"` // Markdown
	Abilities []string `json:"abilities,omitempty"`
	// Memory is what a run holds, in bytes: fixed, by weight, and by the square of
	// their number. Nil: not known.
	Memory []float64 `json:"memory,omitempty"`
}

type pluginFile struct {
	Path       string `json:"path"`
	Hash       string `json:"hash"`
	Size       int64  `json:"size"`
	Executable bool   `json:"executable,omitempty"`
}

func newPluginInfoCommand() *cobra.Command {
	var f pluginFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "info ID|DIR",
		Short: "Describe a plugin: optimizers, parameters, files, hash, and whether it is locked",
		Long: `Describe a plugin: the optimizers that it serves, their parameters and papers, what it is
made of, its files and their hash. It is started for that.`,
		Example: `  joust plugin info my-es
  joust plugin info ./my-es --json`,
		Args:              oneArg("the id or the folder of a plugin"),
		ValidArgsFunction: f.ids(),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, err := f.named(args[0])
			if err != nil {
				return err
			}
			var info pluginInfo
			err = interruptibly(cmd, func(ctx context.Context) (err error) { info, err = inform(ctx, &f, m); return err })
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if asJSON {
				return writeJSON(out, info)
			}
			_, err = io.WriteString(out, info.text(terminalWidth(out)))
			return err
		},
	}
	f.addSearch(cmd.Flags())
	f.addLock(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

// inform starts a plugin and collects what there is to say.
func inform(ctx context.Context, f *pluginFlags, m *manifest.Manifest) (info pluginInfo, err error) {
	lock, err := manifest.ReadLock(f.lockFile(""))
	if err != nil {
		return info, usagef("%w", err)
	}
	t, err := m.Tree()
	if err != nil {
		return info, usagef("%w", err)
	}
	var pin manifest.Pin
	p, o, err := openPlugin(ctx, m, func(now manifest.Pin) error { pin = now; return nil })
	if err != nil {
		return info, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	v := lock.Verify(pin)
	info = pluginInfo{
		pluginState: pluginState{
			ID: m.ID, Version: o.Version, Runtime: m.Runtime, Dir: m.Dir, Summary: bench.Printable(m.Summary),
			Hash: pin.Tree, Lock: lockStates[v.State], Reasons: v.Reasons,
		},
		License: m.License, Homepage: m.Homepage, Entry: m.Entry, MadeOf: o.Runtime, Optimizers: served(p),
	}
	if pin.Interpreter != nil {
		info.Interpreter = pin.Interpreter.Path
	}
	for _, file := range t.Files {
		info.Files = append(info.Files, pluginFile{file.Path, file.Hash, file.Size, file.Executable})
	}
	return info, nil
}

// served lists the optimizers of a plugin.
func served(p *host.Plugin) []pluginServes {
	descriptions := p.Descriptions()
	var all []pluginServes
	for i, d := range p.Definitions() {
		s := pluginServes{
			thing:   optimizerThing(d),
			Version: bench.Printable(descriptions[i].GetVersion()), License: bench.Printable(descriptions[i].GetLicense()),
			Homepage: bench.Printable(descriptions[i].GetHomepage()), Doc: descriptions[i].GetDoc(),
		}
		if m := descriptions[i].GetMemory(); m.GetFixed() > 0 || m.GetPerDim() > 0 || m.GetPerDim2() > 0 {
			s.Memory = []float64{m.GetFixed(), m.GetPerDim(), m.GetPerDim2()}
		} else {
			s.memory = nil
		}
		for _, a := range descriptions[i].GetAbilities() {
			s.Abilities = append(s.Abilities, abilityName(a))
		}
		all = append(all, s)
	}
	return all
}

// abilityName is "checkpoint" and the like.
func abilityName(a protocol.Ability) string {
	return strings.ToLower(strings.TrimPrefix(a.String(), "ABILITY_"))
}

// text is the description for people. Text is wrapped at a width, unless that is 0.
func (i pluginInfo) text(width int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s (plugin)\n", i.ID, i.Version)
	if i.Summary != "" {
		b.WriteString(wrap(i.Summary, 0, width) + "\n")
	}
	size := int64(0)
	for _, f := range i.Files {
		size += f.Size
	}
	runtime := i.Runtime + ", entry " + i.Entry
	if i.Interpreter != "" {
		runtime += ", run by " + i.Interpreter
	}
	lock := i.locked()
	if i.Lock == "changed" {
		lock += ": " + strings.Join(i.Reasons, "; ")
	}
	b.WriteByte('\n')
	for _, f := range [][2]string{
		{"folder", i.Dir},
		{"runtime", runtime},
		{"made of", strings.Join(i.MadeOf, ", ")},
		{"licence", i.License},
		{"home", i.Homepage},
		{"files", fmt.Sprintf("%d, %s", len(i.Files), bytesText(size))},
		{"hash", i.Hash},
		{"lock", lock},
		{"trust", "it runs with your rights: what you can read, change or send, it can, too. " + i.trust()},
	} {
		if f[1] != "" {
			fmt.Fprintf(&b, "%-8s %s\n", f[0], wrap(bench.Printable(f[1]), 9, width))
		}
	}
	for _, o := range i.Optimizers {
		b.WriteByte('\n')
		o.describe(&b, nil, 0, width)
		var rows [][]string
		for _, f := range [][]string{{"version", o.Version}, {"licence", o.License}, {"home", o.Homepage}, {"can", strings.Join(o.Abilities, ", ")}} {
			if f[1] != "" {
				rows = append(rows, f)
			}
		}
		if rows != nil {
			b.WriteString("\nmore\n" + aligned(rows, width))
		}
	}
	b.WriteString("\nfiles\n")
	var rows [][]string
	for _, f := range i.Files {
		rows = append(rows, []string{f.Hash[:12], map[bool]string{true: "x", false: "-"}[f.Executable], bytesText(f.Size), bench.Printable(f.Path)})
	}
	b.WriteString(aligned(rows, width))
	return b.String()
}

// trust says what vouches for the plugin.
func (i pluginInfo) trust() string {
	if i.Lock == "pinned" {
		return "The lock vouches that it is what was locked, and for no more."
	}
	return "Nothing vouches for it: look at its files before you lock it."
}
