package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/plugins/manifest/scaffold"
)

func newPluginNewCommand() *cobra.Command {
	var lang, dir, replace string
	langs := scaffold.Languages()
	cmd := &cobra.Command{
		Use:   "new --lang go|python|frames NAME",
		Short: "Make a folder with a new plugin: an optimizer that works, its test, a README",
		Long: `Make a folder with a new plugin: a small evolution strategy to begin with, its test, and
a README.

  go       the Go SDK, which is this module; it is compiled
  python   the Python SDK, of which the folder has a copy; numpy, grpcio and protobuf
           are to be installed
  frames   Python's standard library alone; the same can be written in any language`,
		Example: `  joust plugin new --lang python my-es
  joust plugin new --lang go my-es --dir plugins/my-es`,
		Args: oneArg("a name, such as my-es"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if lang == "" {
				return usagef("%s: no --lang, want %s", cmd.CommandPath(), strings.Join(langs, ", "))
			}
			if dir == "" {
				dir = args[0]
			}
			o := scaffold.Options{Taken: taken(), Replace: replace}
			if v := version(); v != "devel" && !strings.Contains(v, "+") {
				o.Version = v
			}
			if err := scaffold.Write(lang, args[0], dir, o); err != nil {
				return usagef("%w", err)
			}
			_, err := io.WriteString(cmd.OutOrStdout(), nextSteps(lang, args[0], dir))
			return err
		},
	}
	cmd.Flags().StringVar(&lang, "lang", "", "what to write it in: "+strings.Join(langs, ", "))
	cmd.Flags().StringVar(&dir, "dir", "", "the folder to make (default NAME)")
	cmd.Flags().StringVar(&replace, "replace", "", "of one in Go: compile it with the source of joust in this folder")
	complete := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return langs, cobra.ShellCompDirectiveNoFileComp
	}
	if err := cmd.RegisterFlagCompletionFunc("lang", complete); err != nil {
		panic(err) // the flag is there
	}
	return cmd
}

// nextSteps says what to do with a new plugin, in three lines.
func nextSteps(lang, name, dir string) string {
	here := dir
	if !strings.ContainsAny(dir, `/\`) {
		here = "./" + dir
	}
	build := ""
	if lang == "go" {
		build = fmt.Sprintf("(cd %s && go mod tidy && go build -o %s .) && ", dir, name)
	}
	return fmt.Sprintf("%sjoust plugin dev %s        # race it whenever it is saved\n"+
		"joust plugin test %s       # is it an optimizer to rely on?\n"+
		"joust plugin install %[3]s && joust plugin lock %s   # then experiments can name it: optimizers: [%[4]s]\n", build, here, here, name)
}
