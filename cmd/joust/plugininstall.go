package main

import (
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/manifest"
)

func newPluginInstallCommand() *cobra.Command {
	o := manifest.InstallOptions{Taken: taken()}
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "install DIR|ARCHIVE",
		Short: "Copy a plugin to where all experiments find it",
		Long: `Copy a plugin, a folder or an archive (.tar.gz or .zip), to $XDG_DATA_HOME/joust/plugins.
Nothing of it is run. Races run it when it is locked, too: joust plugin lock.

With --hash, only the plugin with these files is installed: joust plugin info and pack
say what the hash is.`,
		Example: `  joust plugin install my-es
  joust plugin install my-es.tar.gz --hash sha256:4d1f...
  joust plugin install my-es --replace`,
		Args: oneArg("a folder or an archive"),
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := manifest.DataDir()
			if err != nil {
				return usagef("%w", err)
			}
			m, err := manifest.Install(args[0], data, o)
			if err != nil {
				return usagef("%w", err)
			}
			t, err := m.Tree()
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), pluginState{ID: m.ID, Version: m.Version, Runtime: m.Runtime, Dir: m.Dir, Hash: t.Hash})
			}
			if _, err := cmd.OutOrStdout().Write([]byte(pluginTitle(m) + " is in " + m.Dir + "\n" + t.Hash + "\n")); err != nil {
				return err
			}
			cmd.PrintErrf("joust plugin info %s says what it is, joust plugin lock %[1]s lets races run it\n", m.ID)
			return nil
		},
	}
	cmd.Flags().StringVar(&o.Hash, "hash", "", "the hash that its files must have: sha256:...")
	cmd.Flags().BoolVar(&o.Replace, "replace", false, "take the place of one that is installed already")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func newPluginRemoveCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "remove ID",
		Short:   "Remove an installed plugin",
		Example: "  joust plugin remove my-es",
		Args:    oneArg("the id of an installed plugin"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return installedIDs(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := manifest.DataDir()
			if err != nil {
				return usagef("%w", err)
			}
			ids := installedIDs()
			if !slices.Contains(ids, args[0]) {
				if s := optimizers.Suggest(args[0], ids); s != "" {
					return usagef("plugin %s is not installed in %s; did you mean %s?", args[0], data, s)
				}
			}
			if err := manifest.Remove(args[0], data); err != nil {
				return usagef("%w", err)
			}
			_, err = cmd.OutOrStdout().Write([]byte(args[0] + " is removed from " + data + "\n"))
			return err
		},
	}
}

// installedIDs are the names of the folders of plugins that install has put there.
func installedIDs() []string {
	data, err := manifest.DataDir()
	if err != nil {
		return nil
	}
	entries, err := os.ReadDir(data)
	if err != nil {
		return nil
	}
	var ids []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			ids = append(ids, e.Name())
		}
	}
	return ids
}

func newPluginPackCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "pack DIR",
		Short: "Make an archive of a plugin, to be sent along with an experiment",
		Long: `Make an archive of a plugin that install takes, and print its hash, to be handed on
with it. The same files give the same archive.`,
		Example: `  joust plugin pack my-es
  joust plugin pack my-es -o my-es-0.1.0.tar.gz`,
		Args: oneArg("the folder of a plugin"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			m, err := loadPlugin(args[0])
			if err != nil {
				return err
			}
			if output == "" {
				output = m.ID + ".tar.gz"
			}
			file, err := os.OpenFile(output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
			if err != nil {
				return usagef("%w", err)
			}
			hash, err := manifest.Pack(m.Dir, file)
			if err := errors.Join(err, file.Close()); err != nil {
				return errors.Join(err, os.Remove(output))
			}
			cmd.PrintErrf("%s is in %s; joust plugin install %[2]s --hash and this hash:\n", pluginTitle(m), output)
			_, err = cmd.OutOrStdout().Write([]byte(hash + "\n"))
			return err
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "the archive (default ID.tar.gz)")
	return cmd
}
