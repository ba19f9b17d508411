package models

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
)

type mdlstmConfig struct {
	Levels     int     `json:"levels" doc:"layers that scan the image" range:"[1,8]"`
	Cells      int     `json:"cells" doc:"cells of each scan of the first level; every level has twice as many as the one below" range:"[1,1000]" scale:"log"`
	Window     int     `json:"window" doc:"height and width of what a level gathers into one position before it scans; 1: nothing" range:"[1,16]"`
	OneWay     bool    `json:"one_way" doc:"scan from the first corner alone, and not from all four"`
	Read       string  `json:"read" doc:"what the class is read from: the mean over all positions, or the last corner" choices:"mean,corner"`
	ForgetBias float64 `json:"forget_bias" doc:"first bias of the forget gates; above 0 the states of large images explode" range:"[-10,10]"`
	Peepholes  bool    `json:"peepholes" doc:"let the gates see the states of the cells"`
}

// mdlstm is memory in two dimensions. Between its levels windows of positions are
// gathered into one, and there are tanh units, as in the networks that won contests in
// handwriting.
func mdlstm() bench.Model {
	return bench.DefineModel(bench.Model{
		Name:    "mdlstm",
		Summary: "memory cells that scan an image, with a forget gate for each of its dimensions: what is seen in one corner is still known in the other",
		Refs: []string{
			"Graves, Fernández & Schmidhuber 2007, Multi-dimensional recurrent neural networks, doi:10.1007/978-3-540-74690-4_56",
			"Graves & Schmidhuber 2009, Offline handwriting recognition with multidimensional recurrent neural networks, NIPS 21",
		},
	}, mdlstmConfig{Levels: 2, Cells: 4, Window: 2, Read: "mean"}, func(c mdlstmConfig, in, out network.Shape) (network.Specs, error) {
		return scans(in, out, c.Levels, c.Cells, c.Window, c.Read, func(cells int) network.Spec {
			s := network.MDLSTM{Cells: cells, Concat: true, ForgetBias: c.ForgetBias, Peepholes: c.Peepholes}
			if c.OneWay {
				s.Directions = 1
			}
			return s
		})
	})
}

// scans is a hierarchy of levels that scan an image, with tanh units between them.
func scans(in, out network.Shape, levels, units, window int, read string, scan func(units int) network.Spec) (network.Specs, error) {
	if len(in) != 3 {
		return nil, unsuited(in, "images (C, H, W)")
	}
	var s network.Specs
	height, width := in[1], in[2]
	for level := range levels {
		if h, w := min(window, height), min(window, width); h*w > 1 {
			s = append(s, network.Window{Height: h, Width: w})
			height, width = (height+h-1)/h, (width+w-1)/w
		}
		if level > 0 {
			s = append(s,
				network.Conv{Channels: units, Kernel: 1},
				network.Activation{Func: "tanh"})
		}
		s = append(s, scan(units))
		units *= 2
	}
	if read == "corner" {
		s = append(s, network.Corner{})
	} else {
		s = append(s, network.GlobalAveragePool{})
	}
	return readout(s, out, network.Dense{}), nil
}
