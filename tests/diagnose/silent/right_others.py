"""Right: convolutions, attention, losses."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from .programs import Case, collected

CASES: list[Case] = []
case = collected(CASES)


@case("B C 8 8", "")
def no_layers(m: Any, x: Any, scale: Any) -> Any:
    return (x * scale).flatten(2).softmax(-1).view_as(x)


@case("B 3 H W", conv=nn.Conv2d(3, 8, 3, padding=1), where=nn.Identity())
def heat_maps(m: Any, image: Any) -> Any:
    maps = m.conv(image)
    weights = maps.flatten(2).softmax(dim=-1).view_as(maps)
    rows = torch.arange(image.size(2)).view(1, 1, -1, 1)
    return (weights * rows).sum((2, 3))


@case("B 8 H W", squeeze=nn.Linear(8, 2), excite=nn.Linear(2, 8))
def squeeze_and_excite(m: Any, x: Any) -> Any:
    weight = torch.sigmoid(m.excite(torch.relu(m.squeeze(x.mean((2, 3))))))
    return x * weight[:, :, None, None]


@case("B 8 H W", query=nn.Conv2d(8, 2, 1), key=nn.Conv2d(8, 2, 1), value=nn.Conv2d(8, 8, 1))
def attention_over_pixels(m: Any, x: Any) -> Any:
    b, c, h, w = x.shape
    q = m.query(x).view(b, -1, h * w).permute(0, 2, 1)
    k = m.key(x).view(b, -1, h * w)
    v = m.value(x).view(b, -1, h * w)
    weights = torch.bmm(q, k).softmax(dim=-1)
    return x + torch.bmm(v, weights.permute(0, 2, 1)).view(b, c, h, w)


@case("B 8 6 6")
def channels_shuffled(m: Any, x: Any) -> Any:
    b = x.size(0)
    return x.view(b, 2, 4, 6, 6).transpose(1, 2).reshape(b, 8, 6, 6)


@case("B 3 32 32", embed=nn.Linear(3 * 8 * 8, 12))
def patches(m: Any, x: Any) -> Any:
    b = x.size(0)
    x = x.reshape(b, 3, 4, 8, 4, 8).permute(0, 2, 4, 1, 3, 5).reshape(b, 16, -1)
    return m.embed(x)


@case("B 8 8 4", norm=nn.LayerNorm(4))
def windows(m: Any, x: Any) -> Any:
    b = x.size(0)
    x = x.view(b, 2, 4, 2, 4, 4).permute(0, 1, 3, 2, 4, 5).reshape(-1, 16, 4)
    x = m.norm(x)
    return x.view(b, 2, 2, 4, 4, 4).permute(0, 1, 3, 2, 4, 5).reshape(b, 8, 8, 4)


@case("B 3 T 8 8", conv=nn.Conv3d(3, 4, 3, padding=1), rnn=nn.GRU(4, 5, batch_first=True))
def clip_features(m: Any, clip: Any) -> Any:
    x = m.conv(clip).mean((3, 4))
    return m.rnn(x.transpose(1, 2))[0][:, -1]


@case("B C T", first=nn.Conv1d(1, 4, 3, padding=1))
def channels_as_batch(m: Any, x: Any) -> Any:
    b, c, t = x.shape
    return m.first(x.reshape(b * c, 1, t)).view(b, c, 4, t).mean(1)


@case("N 3 8 8", conv=nn.Conv2d(3, 6, 3), score=nn.Linear(6, 1), head=nn.Linear(6, 2))
def bag_of_images(m: Any, bag: Any) -> Any:
    h = m.conv(bag).mean((2, 3))
    weights = m.score(torch.tanh(h)).softmax(dim=0)
    return m.head((weights * h).sum(0))


@case("V 3 8 8", conv=nn.Conv2d(3, 6, 3), head=nn.Linear(6, 2))
def views_of_one_object(m: Any, views: Any) -> Any:
    return m.head(m.conv(views).mean((2, 3)).max(0)[0])


@case("B 256 6 6")
def capsules(m: Any, x: Any) -> Any:
    u = x.view(x.size(0), 32, 8, 36).permute(0, 1, 3, 2).reshape(x.size(0), -1, 8)
    return u / u.norm(dim=-1, keepdim=True)


@case("B 12 8", weight=nn.Linear(8, 4 * 6))
def routing(m: Any, u: Any) -> Any:
    votes = m.weight(u).view(u.size(0), 12, 4, 6)
    logits = torch.zeros(u.size(0), 12, 4, 1)
    for _ in range(2):
        c = logits.softmax(dim=2)
        s = (c * votes).sum(1, keepdim=True)
        logits = logits + (votes * s).sum(-1, keepdim=True)
    return s.squeeze(1)


@case("B T 8", proj=nn.Linear(8, 24), out=nn.Linear(8, 8))
def self_attention(m: Any, x: Any) -> Any:
    b, t, _ = x.shape
    q, k, v = m.proj(x).view(b, t, 3, 2, 4).permute(2, 0, 3, 1, 4)
    weights = (q @ k.transpose(-2, -1) / math.sqrt(4)).softmax(-1)
    return m.out((weights @ v).transpose(1, 2).reshape(b, t, 8))


@case("T B 8", q=nn.Linear(8, 8), k=nn.Linear(8, 8))
def heads_in_the_batch(m: Any, x: Any) -> Any:
    t, b, _ = x.shape
    q = m.q(x).view(t, b * 2, 4).transpose(0, 1)
    k = m.k(x).view(t, b * 2, 4).transpose(0, 1)
    weights = torch.bmm(q, k.transpose(1, 2)).softmax(dim=-1)
    return torch.bmm(weights, k).transpose(0, 1).reshape(t, b, 8), weights.view(b, 2, t, t).mean(1)


@case("B T 8", layer=nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), head=nn.Linear(8, 2))
def encoder_with_class_token(m: Any, x: Any) -> Any:
    token = torch.zeros(1, 1, 8).expand(x.size(0), -1, -1)
    return m.head(m.layer(torch.cat([token, x], 1))[:, 0])


@case("T B 8", "T T", layer=nn.TransformerEncoderLayer(8, 2, 16))
def masked_encoder_time_major(m: Any, x: Any, mask: Any) -> Any:
    return m.layer(x, src_mask=mask).mean(0)


@case("B S 8", "B T 8", layer=nn.TransformerDecoderLayer(8, 2, 16, batch_first=True))
def decoder_layer(m: Any, memory: Any, x: Any) -> Any:
    return m.layer(x, memory)[:, -1]


@case("B S 6", "B T 6")
def attention_both_ways(m: Any, a: Any, b: Any) -> Any:
    scores = a @ b.transpose(1, 2)
    ab = scores.softmax(2) @ b
    ba = scores.softmax(1).transpose(1, 2) @ a
    return ab, ba


@case("B T 6", score=nn.Linear(6, 4))
def several_attentions(m: Any, x: Any) -> Any:
    weights = m.score(torch.tanh(x)).softmax(dim=1)
    return weights.transpose(1, 2) @ x, weights


@case("B T 6", keys=nn.Linear(6, 5))
def soft_clusters(m: Any, x: Any) -> Any:
    share = m.keys(x).softmax(dim=-1)
    centres = torch.einsum("btk,btd->bkd", share, x)
    return F.normalize(centres, dim=-1), share.mean(1)


@case("B N 6", slots=nn.Linear(6, 6))
def slot_attention(m: Any, x: Any) -> Any:
    slots = x[:, :3]
    share = (m.slots(slots) @ x.transpose(1, 2)).softmax(dim=1) + 1e-8
    share = share / share.sum(dim=-1, keepdim=True)
    return share @ x


@case("B T 6", "B 6")
def pointer(m: Any, memory: Any, query: Any) -> Any:
    return torch.einsum("btd,bd->bt", memory, query).log_softmax(dim=1)


@case("B T 6", q=nn.Linear(6, 6), k=nn.Linear(6, 6))
def linear_attention(m: Any, x: Any) -> Any:
    q, k = m.q(x).softmax(-1), m.k(x).softmax(1)
    return q @ (k.transpose(1, 2) @ x)


@case("B T 8")
def rotary(m: Any, x: Any) -> Any:
    t = x.size(1)
    angle = torch.arange(t)[:, None] * torch.arange(4)[None]
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack(
        [a * angle.cos() - b * angle.sin(), a * angle.sin() + b * angle.cos()], -1
    ).flatten(-2)


@case("B H T T")
def relative_shift(m: Any, x: Any) -> Any:
    b, h, q, k = x.shape
    x = F.pad(x, (1, 0)).view(b, h, k + 1, q)
    return x[:, :, 1:].view(b, h, q, k)


@case("B 4 T 2*T-1")
def relative_shift_both_ways(m: Any, x: Any) -> Any:
    b, h, t, _ = x.shape
    x = F.pad(x, (1, 0)).view(b, h, -1, t)
    return x[:, :, 1:].view(b, h, t, 2 * t - 1)[..., :t]


@case("B T 8", places=nn.Linear(8, 10))
def relative_shift_of_a_window(m: Any, x: Any) -> Any:
    b, t, _ = x.shape
    scores = m.places(x).reshape(b, 10, t)
    return scores[:, 2:].contiguous().view(b, t, 8)[..., :5]


@case("B T:int64", words=nn.Embedding(9, 8), places=nn.Embedding(64, 8), norm=nn.LayerNorm(8))
def positions(m: Any, words: Any) -> Any:
    place = torch.arange(words.size(1)).unsqueeze(0)
    return m.norm(m.words(words) + m.places(place))


@case("B T 8", experts=nn.Linear(8, 3), head=nn.Linear(8, 3))
def experts(m: Any, x: Any) -> Any:
    gate = m.experts(x).softmax(-1)
    return (gate * m.head(x)).sum(-1), gate.mean((0, 1))


@case("B 4", "B:int64", head=nn.Linear(4, 6))
def contrast(m: Any, x: Any, label: Any) -> Any:
    z = F.normalize(m.head(x), dim=1)
    near = z @ z.t() / 0.1
    same = label.unsqueeze(0) == label.unsqueeze(1)
    return -(near.log_softmax(dim=1) * same).sum(1).mean(), near.argmax(dim=0)


@case("B 4", "B 5", a=nn.Linear(4, 6), b=nn.Linear(5, 6))
def image_and_text(m: Any, image: Any, text: Any) -> Any:
    near = F.normalize(m.a(image), dim=-1) @ F.normalize(m.b(text), dim=-1).t()
    goal = torch.arange(image.size(0))
    return F.cross_entropy(near, goal) + F.cross_entropy(near.t(), goal)


@case("N 4", left=nn.Linear(4, 1), right=nn.Linear(4, 1))
def graph_attention(m: Any, x: Any) -> Any:
    scores = m.left(x) + m.right(x).t()
    return F.softmax(F.leaky_relu(scores), dim=1) @ x


@case("N 2")
def distances(m: Any, x: Any) -> Any:
    return ((x[:, None] - x[None]) ** 2).sum(-1).sqrt(), torch.cdist(x, x)


@case("B")
def rank_loss(m: Any, score: Any) -> Any:
    return F.softplus(score.unsqueeze(1) - score).mean()


@case("B 5", "B:int64", "B", q=nn.Linear(5, 3))
def q_learning(m: Any, state: Any, action: Any, reward: Any) -> Any:
    value = m.q(state).gather(1, action.unsqueeze(1)).squeeze(1)
    best = m.q(state).max(1)[0].detach()
    return F.smooth_l1_loss(value, reward + 0.9 * best)


@case("B 5", "B 1", mean=nn.Linear(5, 1), log=nn.Linear(5, 1))
def gaussian(m: Any, x: Any, y: Any) -> Any:
    log = m.log(x)
    return (log + (y - m.mean(x)) ** 2 / log.exp()).mean()


@case("B 6", real=nn.Linear(6, 1), make=nn.Linear(6, 6))
def two_player_game(m: Any, x: Any) -> Any:
    fake = m.make(torch.randn_like(x))
    ones = torch.ones(x.size(0), 1)
    return F.binary_cross_entropy_with_logits(m.real(x), ones) + m.real(fake).mean()


@case("B 6", enc=nn.Linear(6, 4), dec=nn.Linear(2, 6))
def auto_encoder(m: Any, x: Any) -> Any:
    mean, log = m.enc(x).chunk(2, dim=-1)
    z = mean + torch.randn_like(mean) * (0.5 * log).exp()
    return F.mse_loss(m.dec(z), x) - 0.5 * (1 + log - mean**2 - log.exp()).sum(1).mean()


@case("B T 4", head=nn.Linear(4, 5))
def chain_of_tags(m: Any, x: Any) -> Any:
    scores, step = m.head(x), torch.zeros(5, 5)
    alpha = scores[:, 0]
    for t in range(1, x.size(1)):
        alpha = torch.logsumexp(alpha.unsqueeze(2) + step, dim=1) + scores[:, t]
    return alpha.logsumexp(1)


@case("B T 4", head=nn.Linear(4, 5))
def best_tags(m: Any, x: Any) -> Any:
    scores, step = m.head(x), torch.zeros(5, 5)
    best, back = scores[:, 0], []
    for t in range(1, x.size(1)):
        best, index = (best.unsqueeze(2) + step).max(1)
        best = best + scores[:, t]
        back.append(index)
    path = [best.argmax(1)]
    for index in reversed(back):
        path.append(index.gather(1, path[-1].unsqueeze(1)).squeeze(1))
    return torch.stack(path[::-1], 1)


@case("B T 5", "B 3 5")
def beams_side_by_side(m: Any, memory: Any, query: Any) -> Any:
    b = memory.size(0)
    memory = memory.unsqueeze(1).expand(-1, 3, -1, -1).reshape(b * 3, memory.size(1), 5)
    return torch.bmm(memory, query.view(b * 3, 5, 1)).view(b, 3, -1)


@case("B 4", "B 3 4", cell=nn.GRUCell(4, 4))
def beams_interleaved(m: Any, state: Any, words: Any) -> Any:
    return m.cell(words.flatten(0, 1), state.repeat_interleave(3, dim=0)).view(-1, 3, 4)


@case("B T 4", layers=nn.Linear(4, 4))
def normalised_by_hand(m: Any, x: Any) -> Any:
    y = m.layers(x)
    return (y - y.mean((0, 1), keepdim=True)) / y.std((0, 1), keepdim=True), y.mean(-1).mean(0)


@case("B T 4", "B T:bool", rnn=nn.GRU(4, 5, batch_first=True))
def loss_of_each_step(m: Any, x: Any, mask: Any) -> Any:
    error = (m.rnn(x)[0][..., :4] - x).pow(2).mean(-1)
    return (error * mask).sum() / mask.sum(), error.mean(0)


@case("B T 4")
def stacked_frames(m: Any, x: Any) -> Any:
    steps = x.size(1) // 2
    return x[:, : steps * 2].reshape(x.size(0), steps, 8)


@case("N:int64", embed=nn.Embedding(9, 4), rnn=nn.GRU(4, 5))
def batches_of_a_stream(m: Any, words: Any) -> Any:
    count = words.size(0) // 4
    rows = words[: count * 4].view(4, count).t().contiguous()
    return m.rnn(m.embed(rows))[0]


@case("B 3 T", "B T 3")
def meeting_in_one_order(m: Any, a: Any, b: Any) -> Any:
    return F.mse_loss(a.transpose(1, 2).reshape(-1, 3), b.reshape(-1, 3))


@case("B 1 T 4")
def squeezed_by_name(m: Any, x: Any) -> Any:
    return x.squeeze(1), x[:, 0].mean()


@case("B T 32", query=nn.Linear(32, 32), key=nn.Linear(32, 16))
def heads_of_a_single_step(m: Any, x: Any) -> Any:
    q = m.query(x).unflatten(2, (4, 8)).transpose(1, 2)
    k = m.key(x).unflatten(2, (2, 8)).transpose(1, 2)
    if x.size(1) == 1:
        q = q.reshape(x.size(0), 2, 2, 8)
    else:
        k = k.repeat_interleave(2, dim=1)
    scores = q @ k.transpose(2, 3)
    return scores.flatten(1).sum(-1)


@case("B 8 H W")
def groups_after_a_shuffle(m: Any, x: Any) -> Any:
    b, _, h, w = x.shape
    x = x.view(b, 2, 4, h, w).transpose(1, 2).reshape(b, 8, h, w)
    groups = x.view(b, 2, -1)
    return (groups - groups.mean(-1, keepdim=True)).view(b, 8, h, w)


@case("B 6", columns=nn.TransformerEncoderLayer(8, 2, 16, batch_first=True),
      rows=nn.TransformerEncoderLayer(48, 2, 16, batch_first=True),
      embed=nn.Linear(1, 8))  # fmt: skip
def attention_between_examples(m: Any, x: Any) -> Any:
    x = m.columns(m.embed(x.unsqueeze(-1)))
    return m.rows(x.reshape(1, x.size(0), 48)).reshape(x.size(0), 6, 8)
