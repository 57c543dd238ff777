"""CPU seconds that a detector of the usual kind takes for a frame of 1920 x 1080 with one face, on one thread.

Xception at 299 px (Chollet 2017) behind MTCNN (Zhang et al. 2016, smallest face 20 px, pyramid factor 0.709), both in PyTorch.
The weights are random, which takes as long as trained ones; the refining networks get as many proposals as a frame with one
face gives: 64 and 8. Resizing, suppression and decoding are left out.
"""
import resource

import torch
from torch import nn

torch.set_num_threads(1)
torch.set_grad_enabled(False)


def separable(inputs, outputs):
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
    )


class Block(nn.Module):
    def __init__(self, inputs, outputs, repeats, stride):
        super().__init__()
        layers = []
        for i in range(repeats):
            layers += [nn.ReLU(), separable(inputs if i == 0 else outputs, outputs)]
        if stride > 1:
            layers.append(nn.MaxPool2d(3, stride, padding=1))
        self.main = nn.Sequential(*layers)
        same = inputs == outputs and stride == 1
        self.skip = nn.Identity() if same else nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, x):
        return self.main(x) + self.skip(x)


xception = nn.Sequential(
    nn.Conv2d(3, 32, 3, 2, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
    nn.Conv2d(32, 64, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
    Block(64, 128, 2, 2), Block(128, 256, 2, 2), Block(256, 728, 2, 2),
    *[Block(728, 728, 3, 1) for _ in range(8)],
    Block(728, 1024, 2, 2),
    separable(1024, 1536), nn.ReLU(), separable(1536, 2048), nn.ReLU(),
    nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 2),
).eval()
pnet = nn.Sequential(
    nn.Conv2d(3, 10, 3), nn.PReLU(10), nn.MaxPool2d(2, 2, ceil_mode=True),
    nn.Conv2d(10, 16, 3), nn.PReLU(16), nn.Conv2d(16, 32, 3), nn.PReLU(32), nn.Conv2d(32, 6, 1),
)
rnet = nn.Sequential(
    nn.Conv2d(3, 28, 3), nn.PReLU(28), nn.MaxPool2d(3, 2, ceil_mode=True),
    nn.Conv2d(28, 48, 3), nn.PReLU(48), nn.MaxPool2d(3, 2, ceil_mode=True),
    nn.Conv2d(48, 64, 2), nn.PReLU(64), nn.Flatten(), nn.Linear(576, 128), nn.PReLU(), nn.Linear(128, 6),
)
onet = nn.Sequential(
    nn.Conv2d(3, 32, 3), nn.PReLU(32), nn.MaxPool2d(3, 2, ceil_mode=True),
    nn.Conv2d(32, 64, 3), nn.PReLU(64), nn.MaxPool2d(3, 2, ceil_mode=True),
    nn.Conv2d(64, 64, 3), nn.PReLU(64), nn.MaxPool2d(2, 2, ceil_mode=True),
    nn.Conv2d(64, 128, 2), nn.PReLU(128), nn.Flatten(), nn.Linear(1152, 256), nn.PReLU(), nn.Linear(256, 16),
)

scale, pyramid = 12 / 20, []
while 1080 * scale >= 12:
    pyramid.append(torch.rand(1, 3, int(1080 * scale), int(1920 * scale)))
    scale *= 0.709


def frame():
    for picture in pyramid:
        pnet(picture)
    rnet(torch.rand(64, 3, 24, 24))
    onet(torch.rand(8, 3, 48, 48))
    xception(torch.rand(1, 3, 299, 299))


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


frame()
times = []
for _ in range(5):
    began = cpu()
    frame()
    times.append(cpu() - began)
print(sorted(times)[2])
