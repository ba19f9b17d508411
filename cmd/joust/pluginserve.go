package main

import (
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins"
	"github.com/joust-bench/joust/plugins/host"
)

func newPluginServeCommand(l bench.Lists) *cobra.Command {
	var as string
	var frames bool
	cmd := &cobra.Command{
		Use:   "serve NAME",
		Short: "Be a plugin that serves a built-in optimizer: the self-test of transports",
		Long: `Serve a built-in optimizer as a plugin does, for a joust that has started this process.
What it asks for must be the same as without the way there and back, bit for bit, so
that this tests and measures transports. By hand: joust plugin test NAME, and bench.

A plugin.yaml for it, beside a copy of joust:

  id: served
  version: 1.0.0
  protocol: 1
  runtime: binary
  entry: joust
  args: [plugin, serve, cma-es, --as, served-cma-es]

With runtime frames, --frames is among the arguments, too.`,
		Example: `  joust plugin test cma-es
  joust plugin test cma-es --frames`,
		Args: oneArg("the name of a built-in optimizer"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return builtinNamesOf(l), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := builtinCalled(l, args[0])
			if err != nil {
				return err
			}
			if as != "" {
				d.Name = as
			}
			// What a plugin's main does, which looks at the arguments itself.
			os.Args = os.Args[:1]
			if frames {
				os.Args = append(os.Args, "--frames")
			}
			plugins.Serve(d)
			return nil
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "what to call it (default its own name)")
	cmd.Flags().BoolVar(&frames, "frames", false, "talk frames on standard input and output, and not gRPC")
	return cmd
}

func builtinCalled(l bench.Lists, name string) (optimizers.Definition, error) {
	i := slices.IndexFunc(l.Optimizers, func(d optimizers.Definition) bool { return d.Name == name })
	if i < 0 {
		return optimizers.Definition{}, usagef("no built-in optimizer is called %s; %s", name, orList(name, builtinNamesOf(l), "joust list optimizers shows them"))
	}
	return l.Optimizers[i], nil
}

// orList is a name that may have been meant, or else where to find it.
func orList(got string, names []string, where string) string {
	if s := optimizers.Suggest(got, names); s != "" {
		return "did you mean " + s + "?"
	}
	return where
}

// servedCommand starts this program as a plugin that serves a built-in optimizer.
func servedCommand(name string, frames bool) (host.Command, error) {
	exe, err := os.Executable()
	if err != nil {
		return host.Command{}, err
	}
	c := host.Command{
		ID: name, Version: version(), Transport: host.GRPC, Path: exe,
		Args: []string{"plugin", "serve", name},
		Env:  []string{"PATH=/usr/local/bin:/usr/bin:/bin"},
	}
	if kernel, ok := os.LookupEnv("JOUST_KERNEL"); ok {
		c.Env = append(c.Env, "JOUST_KERNEL="+kernel)
	}
	if frames {
		c.Transport = host.Frames
		c.Args = append(c.Args, "--frames")
	}
	return c, nil
}
