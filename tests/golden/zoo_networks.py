"""Networks that torchvision does not have, written from their papers for zoo.py, independently of src/models."""
from functools import partial

import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision


def resnet18_cifar(num_classes):
    net = torchvision.models.resnet18(num_classes=num_classes)
    net.conv1, net.maxpool = nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.Identity()
    return net


def mobilenet_v2_cifar(num_classes):
    net = torchvision.models.mobilenet_v2(num_classes=num_classes)
    net.features[0][0].stride = (1, 1)
    assert net.features[2].conv[1][0].stride == (2, 2)
    net.features[2].conv[1][0].stride = (1, 1)
    return net


class CifarVgg(nn.Module):
    """The convolutions of VGG with batch norm, the mean of each channel, one linear layer."""

    def __init__(self, num_classes, letter):
        super().__init__()
        self.features = torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs[letter], True)
        self.classifier = nn.Linear(512, num_classes)

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


class NormFire(nn.Module):
    """SqueezeNet's module with batch norm behind each half."""

    def __init__(self, i, s, e):
        super().__init__()
        self.squeeze, self.squeeze_norm = nn.Conv2d(i, s, 1), nn.BatchNorm2d(s)
        self.expand1x1, self.expand3x3, self.expand_norm = nn.Conv2d(s, e, 1), nn.Conv2d(s, e, 3, padding=1), nn.BatchNorm2d(2 * e)

    def forward(self, x):
        s = F.relu(self.squeeze_norm(self.squeeze(x)))
        return F.relu(self.expand_norm(torch.cat([self.expand1x1(s), self.expand3x3(s)], 1)))


def squeezenet_cifar(num_classes):
    net = torchvision.models.squeezenet1_1(num_classes=num_classes)
    old = [m for m in net.features[3:]]
    blocks = [m if isinstance(m, nn.MaxPool2d) else NormFire(m.squeeze.in_channels, m.squeeze.out_channels, m.expand1x1.out_channels)
              for m in old]
    net.features = nn.Sequential(nn.Conv2d(3, 64, 3, 1, 1), nn.BatchNorm2d(64), nn.ReLU(), *blocks)
    net.classifier = nn.Sequential(nn.Identity(), net.classifier[1], nn.AdaptiveAvgPool2d(1))
    return net


def googlenet_cifar(num_classes):
    net = torchvision.models.googlenet(num_classes=num_classes, init_weights=False, aux_logits=False)
    conv = type(net.conv1)
    net.conv1, net.maxpool1, net.conv2, net.conv3, net.maxpool2 = conv(3, 192, kernel_size=3, padding=1), *[nn.Identity()] * 4
    net.maxpool3, net.maxpool4 = nn.MaxPool2d(2), nn.MaxPool2d(2)
    return net


class WideBlock(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(i), nn.Conv2d(i, o, 3, stride, 1, bias=False)
        self.bn2, self.conv2 = nn.BatchNorm2d(o), nn.Conv2d(o, o, 3, 1, 1, bias=False)
        if i != o:
            self.convShortcut = nn.Conv2d(i, o, 1, stride, bias=False)

    def forward(self, x):
        h = F.relu(self.bn1(x))
        y = self.conv2(F.relu(self.bn2(self.conv1(h))))
        return y + (self.convShortcut(h) if hasattr(self, 'convShortcut') else x)


class WideResNet(nn.Module):
    def __init__(self, depth, k, num_classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        i = 16
        for at, width in enumerate((16 * k, 32 * k, 64 * k)):
            blocks = []
            for n in range((depth - 4) // 6):
                blocks.append(WideBlock(i, width, 2 if at > 0 and n == 0 else 1))
                i = width
            setattr(self, 'layer%d' % (at + 1), nn.Sequential(*blocks))
        self.bn1, self.fc = nn.BatchNorm2d(i), nn.Linear(i, num_classes)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(self.conv1(x))))
        return self.fc(F.relu(self.bn1(x)).mean((2, 3)))


def wrn_16_4(num_classes):
    return WideResNet(16, 4, num_classes)


class MobileNetV1(nn.Module):
    def __init__(self, num_classes):
        super().__init__()

        def unit(i, o, size, stride, groups):
            return nn.Sequential(nn.Conv2d(i, o, size, stride, size // 2, groups=groups, bias=False), nn.BatchNorm2d(o), nn.ReLU())

        layers = [unit(3, 32, 3, 2, 1)]
        i = 32
        for o, stride in ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)):
            layers.append(nn.Sequential(unit(i, i, 3, stride, i), unit(i, o, 1, 1, 1)))
            i = o
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Identity(), nn.Linear(i, num_classes))

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


def mobilenet_v1(num_classes):
    return MobileNetV1(num_classes)


def vgg(num_classes, depth, batch_norm):
    """torchvision's, an eighth as wide: the whole has 130 million weights."""
    plan = torchvision.models.vgg.cfgs[{11: 'A', 13: 'B', 16: 'D', 19: 'E'}[depth]]
    layers = torchvision.models.vgg.make_layers([v if v == 'M' else v // 8 for v in plan], batch_norm)
    net = torchvision.models.VGG(layers, num_classes, init_weights=False)
    net.classifier[0], net.classifier[3], net.classifier[6] = nn.Linear(64 * 49, 512), nn.Linear(512, 512), nn.Linear(512, num_classes)
    return net


class AlexNet2012(nn.Module):
    """A quarter as wide."""

    def __init__(self, num_classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 24, 11, 4)
        self.conv2 = nn.Conv2d(24, 64, 5, 1, 2, groups=2)
        self.conv3 = nn.Conv2d(64, 96, 3, 1, 1)
        self.conv4 = nn.Conv2d(96, 96, 3, 1, 1, groups=2)
        self.conv5 = nn.Conv2d(96, 64, 3, 1, 1, groups=2)
        self.fc6, self.fc7, self.fc8 = nn.Linear(64 * 36, 1024), nn.Linear(1024, 1024), nn.Linear(1024, num_classes)

    def norm(self, x):
        # Section 3.3 as it stands: alpha is not divided by the five channels.
        energy = F.pad(x * x, (0, 0, 0, 0, 2, 2))
        around = sum(energy[:, i:i + x.shape[1]] for i in range(5))
        return x / (2 + 1e-4 * around) ** 0.75

    def forward(self, x):
        x = F.max_pool2d(self.norm(F.relu(self.conv1(x))), 3, 2)
        x = F.max_pool2d(self.norm(F.relu(self.conv2(x))), 3, 2)
        x = F.relu(self.conv5(F.relu(self.conv4(F.relu(self.conv3(x))))))
        x = F.adaptive_avg_pool2d(F.max_pool2d(x, 3, 2), 6).flatten(1)
        return self.fc8(F.relu(self.fc7(F.relu(self.fc6(x)))))


class AllHeads(nn.Module):
    """Logits of a network and its auxiliary heads side by side, every layer in evaluation mode."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def eval(self):
        super().eval()
        self.net.training = True
        return self

    def forward(self, x):
        # torchvision's _forward returns (logits, aux2, aux1); its forward unpacks them in another order, so that their names are exchanged.
        outputs = self.net._forward(self.net._transform_input(x))
        return torch.cat([outputs[i] for i in (0, 2, 1)], 1)


def googlenet_heads(num_classes):
    """With the paper's 5x5 filters, and torchvision's change of the input."""
    net = torchvision.models.googlenet(num_classes=num_classes, init_weights=False, aux_logits=True)
    net.transform_input = True
    for name, block in net.named_children():
        if name.startswith('inception'):
            old = block.branch3[1].conv
            block.branch3[1] = type(block.branch3[1])(old.in_channels, old.out_channels, kernel_size=5, padding=2)
    return AllHeads(net)


def inception_aux(num_classes):
    return torchvision.models.inception.InceptionAux(3, num_classes)


class CapsNet(nn.Module):
    """For color images of 25x25. Gives the lengths of the capsules and, behind them, 40 pixels of the image drawn from capsules 3, 4, ..."""

    def __init__(self, classes):
        super().__init__()
        self.conv1, self.primary = nn.Conv2d(3, 256, 9), nn.Conv2d(256, 256, 9, 2)
        self.routed = nn.Module()
        self.routed.W = nn.Parameter(torch.zeros(32 * 25, 8, classes * 16))
        self.decoder = nn.Sequential(
            nn.Linear(classes * 16, 512), nn.ReLU(), nn.Linear(512, 1024), nn.ReLU(), nn.Linear(1024, 3 * 25 * 25), nn.Sigmoid())
        self.classes = classes

    @staticmethod
    def squash(s):
        square = (s * s).sum(-1, keepdim=True)
        return square / (1 + square) * s / square.sqrt()

    def forward(self, x):
        n = x.shape[0]
        u = self.primary(F.relu(self.conv1(x))).view(n, 32, 8, 5, 5)
        u = self.squash(u.permute(0, 1, 3, 4, 2).reshape(n, 800, 8))
        votes = torch.einsum('nie,iejd->nijd', u, self.routed.W.view(800, 8, self.classes, 16))
        b = torch.zeros(n, 800, self.classes, dtype=x.dtype)
        for _ in range(3):
            v = self.squash(torch.einsum('nij,nijd->njd', b.softmax(2), votes))
            b = b + torch.einsum('nijd,njd->nij', votes, v)
        mask = F.one_hot(torch.arange(n) + 3, self.classes).to(x.dtype)
        drawn = self.decoder((v * mask[:, :, None]).flatten(1))
        return torch.cat([v.norm(dim=2), drawn[:, :40]], 1)


def alexnet_2012(num_classes):
    return AlexNet2012(num_classes)


def capsnet_mnist(num_classes):
    return CapsNet(num_classes)


for depth in (11, 13, 16, 19):
    globals()['vgg%d' % depth] = partial(vgg, depth=depth, batch_norm=False)
    globals()['vgg%d_bn' % depth] = partial(vgg, depth=depth, batch_norm=True)
    globals()['vgg%d_cifar' % depth] = partial(CifarVgg, letter={11: 'A', 13: 'B', 16: 'D', 19: 'E'}[depth])


class AirbenchBlock(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        for place, channels in ((1, i), (2, o)):
            norm = nn.BatchNorm2d(o, eps=1e-12, momentum=0.4)
            norm.weight = None
            setattr(self, 'conv%d' % place, nn.Conv2d(channels, o, 3, 1, 1, bias=False))
            setattr(self, 'norm%d' % place, norm)

    def forward(self, x):
        x = F.gelu(self.norm1(F.max_pool2d(self.conv1(x), 2)))
        return F.gelu(self.norm2(self.conv2(x)))


class Airbench(nn.Module):
    def __init__(self, widths, num_classes):
        super().__init__()
        self.whiten = nn.Conv2d(3, 24, 2)
        self.whiten.weight.requires_grad = False
        for place, (i, o) in enumerate(zip([24, *widths], widths)):
            setattr(self, 'block%d' % (place + 1), AirbenchBlock(i, o))
        self.head = nn.Linear(widths[-1], num_classes, bias=False)

    def forward(self, x):
        x = self.block3(self.block2(self.block1(F.gelu(self.whiten(x)))))
        return self.head(F.max_pool2d(x, 3).flatten(1)) / 9


def airbench91(num_classes):
    return Airbench([32, 128, 128], num_classes)


def airbench93(num_classes):
    return Airbench([64, 128, 128], num_classes)


def airbench94(num_classes):
    return Airbench([64, 256, 256], num_classes)
