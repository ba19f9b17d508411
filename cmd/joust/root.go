package main

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
)

func newRootCommand(l bench.Lists) *cobra.Command {
	root := &cobra.Command{
		Use:   "joust",
		Short: "Race optimizers, and remedies for the vanishing gradient, on equal terms",
		Long: `joust trains the same neural network with every optimizer there is, and every
remedy for the vanishing gradient there is, under one charged budget, and says
which one wins and why.

Exit status: 0 all is well, 1 it could not be done, 2 the command line or an
experiment is wrong and nothing was done, 3 some trials failed, 130 interrupted:
the same command goes on where it was.`,
		Example: `  joust run                        the built-in experiment, in under a minute
  joust describe vanishing > my.yaml
  joust run my.yaml`,
		SilenceErrors: true, // printed once, by main
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			var names []string
			for _, c := range cmd.Commands() {
				if c.IsAvailableCommand() {
					names = append(names, c.Name())
				}
			}
			return usagef("there is no command %s; %s", args[0], hint(args[0], names))
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(newRunCommand(l), newListCommand(l), newDescribeCommand(l), newReportCommand(l), newBenchCommand(l), newNetworkCommand(), newPluginCommand(l), newVersionCommand())
	return root
}

// flagError says what a wrong flag could have been.
func flagError(cmd *cobra.Command, err error) error {
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if s := optimizers.Suggest(e.GetSpecifiedName(), names); s != "" {
			return usagef("%w; did you mean --%s?", err, s)
		}
	}
	return usagef("%w; %s --help says what there is", err, cmd.CommandPath())
}

// atMostOne accepts one argument or none.
func atMostOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return usagef("%s: %d arguments, want at most one %s", cmd.CommandPath(), len(args), what)
		}
		return nil
	}
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s: %d arguments, want none", cmd.CommandPath(), len(args))
	}
	return nil
}
