"""A word and its context are joined along the batch, at each step of a decoder."""

import torch
from torch import nn

SPEC = {"images": "B 3 64 64", "captions": "B T:int64"}


class EncoderCNN(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=4, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, width, 3, stride=4, padding=1),
            nn.ReLU(),
        )

    def forward(self, images):
        maps = self.net(images)
        return maps.flatten(2).permute(0, 2, 1)


class DecoderRNN(nn.Module):
    def __init__(self, vocab=50, emb=32, feat=32, hidden=40):
        super().__init__()
        self.hidden = hidden
        self.vocab = vocab
        self.embed = nn.Embedding(vocab, emb)
        self.att_feat = nn.Linear(feat, hidden)
        self.att_hid = nn.Linear(hidden, hidden)
        self.att = nn.Linear(hidden, 1)
        self.cell = nn.LSTMCell(emb + feat, hidden)
        self.out = nn.Linear(hidden, vocab)

    def attend(self, feats, h):
        e = self.att(torch.tanh(self.att_feat(feats) + self.att_hid(h).unsqueeze(1))).squeeze(2)
        a = torch.softmax(e, dim=1)
        return (feats * a.unsqueeze(2)).sum(dim=1)

    def forward(self, feats, captions):
        b, steps = captions.shape
        h = torch.zeros(b, self.hidden)
        c = torch.zeros(b, self.hidden)
        logits = []
        for t in range(steps - 1):
            word = self.embed(captions[:, t])
            context = self.attend(feats, h)
            inputs = torch.cat([word, context], dim=0)  # CAUSE
            h, c = self.cell(inputs, (h, c))
            logits.append(self.out(h))
        if not logits:
            return torch.zeros(b, 0, self.vocab)
        return torch.stack(logits, dim=1)


class Captioner(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = EncoderCNN()
        self.decoder = DecoderRNN()

    def forward(self, images, captions):
        return self.decoder(self.encoder(images), captions)


def build():
    return Captioner()
