# Writes the inputs and the expected figures of TestNetworkAgainstPyTorch, with
# PyTorch 1.13 in float64:
#
#	python3 torch_figures.py
#
# The networks are those of classify.yaml and regress.yaml.
import numpy as np
import torch
from torch import nn

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)


class Residual(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        return x + self.body(x)


class LSTM(nn.Module):
    """The last step of an LSTM whose gates are ordered i, f, o, g, with one bias."""

    def __init__(self, inputs, hidden):
        super().__init__()
        self.w = nn.Parameter(0.5 * torch.randn(4 * hidden, inputs + hidden))
        self.b = nn.Parameter(0.5 * torch.randn(4 * hidden))
        self.hidden = hidden

    def forward(self, x):
        h = torch.zeros(x.shape[0], self.hidden)
        c = torch.zeros(x.shape[0], self.hidden)
        for t in range(x.shape[1]):
            z = torch.cat([x[:, t], h], dim=1) @ self.w.T + self.b
            i, f, o, g = z.chunk(4, dim=1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        return h


def write(name, model, x, y, loss):
    x.requires_grad_(True)
    out = model(x)
    value = loss(out, y)
    value.backward()
    flat = lambda tensors: np.concatenate([t.detach().numpy().ravel() for t in tensors])
    np.save(name + "-weights.npy", flat(model.parameters()))
    np.save(name + "-inputs.npy", x.detach().numpy())
    np.save(name + "-targets.npy", y.numpy())
    np.save(name + "-outputs.npy", out.detach().numpy())
    np.save(name + "-loss.npy", value.detach().numpy())
    np.save(name + "-grad.npy", flat([p.grad for p in model.parameters()]))
    np.save(name + "-input-grad.npy", x.grad.numpy())


write(
    "classify",
    nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(),
        nn.Linear(12, 5), Residual(nn.Sequential(nn.Linear(5, 5), nn.ReLU())), nn.Linear(5, 4),
    ),
    torch.randn(6, 2, 4, 5), torch.tensor([0, 3, 1, 2, 2, 0]), nn.CrossEntropyLoss(),
)
write(
    "regress",
    nn.Sequential(LSTM(3, 4), nn.Linear(4, 2)),
    torch.randn(5, 7, 3), torch.randn(5, 2), nn.MSELoss(),
)
