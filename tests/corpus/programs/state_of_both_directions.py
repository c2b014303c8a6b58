"""The state of a bidirectional network is made for one direction."""

import torch
from torch import nn

SPEC = {"text": "B T:int64"}


class SentimentNet(nn.Module):
    def __init__(self, vocab_size, output_size, embedding_dim, hidden_dim, n_layers, drop_prob=0.5):
        super().__init__()
        self.output_size = output_size
        self.n_layers = n_layers
        self.hidden_dim = hidden_dim
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=0)
        self.lstm = nn.LSTM(
            embedding_dim,
            hidden_dim,
            n_layers,
            dropout=drop_prob,
            batch_first=True,
            bidirectional=True,
        )
        self.dropout = nn.Dropout(drop_prob)
        self.fc = nn.Linear(hidden_dim * 2, output_size)
        self.sigmoid = nn.Sigmoid()

    def init_hidden(self, batch_size):
        h = torch.zeros(self.n_layers, batch_size, self.hidden_dim)  # CAUSE
        c = torch.zeros(self.n_layers, batch_size, self.hidden_dim)  # CAUSE
        return h, c

    def forward(self, text):
        batch_size = text.size(0)
        hidden = self.init_hidden(batch_size)
        embeds = self.embedding(text)
        lstm_out, hidden = self.lstm(embeds, hidden)
        lstm_out = lstm_out.contiguous().view(-1, self.hidden_dim * 2)
        out = self.dropout(lstm_out)
        out = self.sigmoid(self.fc(out))
        out = out.view(batch_size, -1)
        return out[:, -1]


def build():
    return SentimentNet(100, 1, 40, 32, 2)
