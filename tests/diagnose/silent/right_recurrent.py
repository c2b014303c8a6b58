"""Right: recurrent readers."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from .programs import Case, collected

CASES: list[Case] = []
case = collected(CASES)


@case("B T 3", rnn=nn.LSTM(3, 5, 2, batch_first=True, bidirectional=True), head=nn.Linear(10, 2))
def final_states_of_both(m: Any, x: Any) -> Any:
    _, (h, _) = m.rnn(x)
    return m.head(torch.cat((h[-2], h[-1]), 1))


@case("T B 3", rnn=nn.GRU(3, 5), head=nn.Linear(5, 2))
def time_major_last_step(m: Any, x: Any) -> Any:
    return m.head(m.rnn(x)[0][-1])


@case("B T 3", rnn=nn.GRU(3, 5, batch_first=True), head=nn.Linear(5, 2))
def pooled_steps(m: Any, x: Any) -> Any:
    out, _ = m.rnn(x)
    return m.head(torch.cat([out.mean(1), out.max(1)[0], out[:, -1]], 1)[:, :5])


@case("B T 3", rnn=nn.LSTM(3, 5, batch_first=True, bidirectional=True))
def each_direction_at_its_end(m: Any, x: Any) -> Any:
    out, _ = m.rnn(x)
    return torch.cat([out[:, -1, :5], out[:, 0, 5:]], dim=-1)


@case("B T 3", rnn=nn.LSTM(3, 5, batch_first=True, bidirectional=True))
def directions_taken_apart(m: Any, x: Any) -> Any:
    out = m.rnn(x)[0].view(x.size(0), x.size(1), 2, 5)
    return out[:, -1, 0] + out[:, 0, 1]


@case("B T 3", rnn=nn.LSTM(3, 5, batch_first=True, bidirectional=True))
def halves_of_the_last_step(m: Any, x: Any) -> Any:
    forward, backward = m.rnn(x)[0].chunk(2, dim=-1)
    return forward[:, -1] + backward[:, 0]


@case("B T 3", rnn=nn.GRU(3, 5, 2, batch_first=True, bidirectional=True), head=nn.Linear(10, 2))
def layers_and_directions_apart(m: Any, x: Any) -> Any:
    h = m.rnn(x)[1].view(2, 2, x.size(0), 5)[-1]
    return m.head(h.permute(1, 0, 2).reshape(x.size(0), -1))


@case("B T:int64", "B:int64", embed=nn.Embedding(9, 3, padding_idx=0),
      rnn=nn.GRU(3, 5, batch_first=True), head=nn.Linear(5, 2))  # fmt: skip
def step_of_each_length(m: Any, words: Any, lengths: Any) -> Any:
    out, _ = m.rnn(m.embed(words))
    return m.head(out[torch.arange(words.size(0)), lengths - 1])


@case("B T:int64", "B:int64", embed=nn.Embedding(9, 3), rnn=nn.GRU(3, 5, batch_first=True))
def gathered_step(m: Any, words: Any, lengths: Any) -> Any:
    out, _ = m.rnn(m.embed(words))
    index = (lengths - 1).view(-1, 1, 1).expand(-1, 1, out.size(2))
    return out.gather(1, index).squeeze(1)


@case("B T 3", "B:int64", rnn=nn.GRU(3, 5, batch_first=True))
def masked_mean(m: Any, x: Any, lengths: Any) -> Any:
    pack = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    out, _ = pad_packed_sequence(m.rnn(pack)[0], batch_first=True, total_length=x.size(1))
    return out.sum(1) / lengths.unsqueeze(1)


@case("B T 3", "B:int64", rnn=nn.GRU(3, 5, batch_first=True), score=nn.Linear(5, 1))
def masked_attention(m: Any, x: Any, lengths: Any) -> Any:
    pack = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    out, _ = pad_packed_sequence(m.rnn(pack)[0], batch_first=True, total_length=x.size(1))
    mask = torch.arange(x.size(1))[None, :] < lengths[:, None]
    score = m.score(out).squeeze(-1).masked_fill(~mask, -1e9)
    return torch.bmm(F.softmax(score, dim=1).unsqueeze(1), out).squeeze(1)


@case("B T 3", "B:int64", rnn=nn.LSTM(3, 5, batch_first=True, bidirectional=True))
def sorted_and_put_back(m: Any, x: Any, lengths: Any) -> Any:
    lengths, order = lengths.sort(descending=True)
    _, back = order.sort()
    out, (h, _) = m.rnn(pack_padded_sequence(x[order], lengths, batch_first=True))
    out, _ = pad_packed_sequence(out, batch_first=True)
    return out[back], h[:, back]


@case("B T 3", "B:int64", rnn=nn.GRU(3, 5, batch_first=True))
def sorted_and_scattered_back(m: Any, x: Any, lengths: Any) -> Any:
    order = lengths.argsort(descending=True)
    back = torch.empty_like(order)
    back[order] = torch.arange(order.size(0))
    _, h = m.rnn(pack_padded_sequence(x[order], lengths[order], batch_first=True))
    return h[-1].index_select(0, back)


@case("B T 3", "B:int64", "B:int64", rnn=nn.GRU(3, 5, batch_first=True))
def targets_sorted_alike(m: Any, x: Any, lengths: Any, target: Any) -> Any:
    lengths, order = lengths.sort(descending=True)
    _, h = m.rnn(pack_padded_sequence(x[order], lengths, batch_first=True))
    return F.cross_entropy(h[-1], target[order])


@case("B T 3", "B:int64", rnn=nn.GRU(3, 5, batch_first=True))
def order_returned(m: Any, x: Any, lengths: Any) -> Any:
    lengths, order = lengths.sort(descending=True)
    _, h = m.rnn(pack_padded_sequence(x[order], lengths, batch_first=True))
    return h[-1], order


@case("B T:int64", "1 B 5", embed=nn.Embedding(9, 3), rnn=nn.GRU(3, 5, batch_first=True),
      head=nn.Linear(5, 9))  # fmt: skip
def language_model_with_state(m: Any, words: Any, state: Any) -> Any:
    out, state = m.rnn(m.embed(words), state)
    scores = m.head(out)
    return F.cross_entropy(scores.view(-1, 9), words.view(-1)), state


@case("T:int64", embed=nn.Embedding(9, 3), rnn=nn.LSTM(3, 5), head=nn.Linear(5, 4))
def single_sentence(m: Any, words: Any) -> Any:
    x = m.embed(words)
    out, _ = m.rnn(x.view(len(words), 1, -1))
    return F.log_softmax(m.head(out.view(len(words), -1)), dim=1)


@case("T 3", rnn=nn.GRU(3, 5), head=nn.Linear(5, 4))
def single_recording(m: Any, x: Any) -> Any:
    return m.head(m.rnn(x)[0][-1])


@case("T 3", "1 5", rnn=nn.GRU(3, 5, batch_first=True))
def single_recording_with_state(m: Any, x: Any, h: Any) -> Any:
    return m.rnn(x, h)[0]


@case("T 3 8 8", conv=nn.Conv2d(3, 4, 3), rnn=nn.LSTM(4, 5))
def one_video(m: Any, frames: Any) -> Any:
    return m.rnn(m.conv(frames).mean((2, 3)).unsqueeze(1))[0][-1]


@case("B 9", rnn=nn.LSTM(9, 5, batch_first=True), head=nn.Linear(5, 2))
def one_step_each(m: Any, x: Any) -> Any:
    return m.head(m.rnn(x.unsqueeze(1))[0].squeeze(1))


@case("B S T:int64", embed=nn.Embedding(9, 3), words=nn.GRU(3, 5, batch_first=True),
      sentences=nn.GRU(5, 4, batch_first=True))  # fmt: skip
def documents_in_a_loop(m: Any, docs: Any) -> Any:
    found = []
    for s in range(docs.size(1)):
        _, h = m.words(m.embed(docs[:, s]), torch.zeros(1, docs.size(0), 5))
        found.append(h[-1])
    return m.sentences(torch.stack(found, 1))[1][-1]


@case("B S T:int64", embed=nn.Embedding(9, 3), words=nn.GRU(3, 5, batch_first=True),
      sentences=nn.GRU(5, 4, batch_first=True))  # fmt: skip
def documents_at_once(m: Any, docs: Any) -> Any:
    batch, count, _ = docs.shape
    _, h = m.words(m.embed(docs.view(batch * count, -1)))
    return m.sentences(h[-1].view(batch, count, -1))[0].mean(1)


@case("B S T 4", inner=nn.GRU(4, 4, batch_first=True), outer=nn.GRU(4, 4, batch_first=True))
def both_ways_over_a_grid(m: Any, x: Any) -> Any:
    b, s, t, f = x.shape
    rows = m.inner(x.reshape(b * s, t, f))[0].view(b, s, t, f)
    columns = m.outer(rows.transpose(1, 2).reshape(b * t, s, f))[0]
    return columns.view(b, t, s, f).transpose(1, 2)


@case("B S T 4", rows=nn.GRU(4, 4), columns=nn.GRU(4, 4))
def loops_over_both(m: Any, x: Any) -> Any:
    first = m.rows(x.flatten(0, 1).transpose(0, 1))[0]
    return m.columns(
        first.transpose(0, 1).unflatten(0, (x.size(0), x.size(1)))[:, :, -1].transpose(0, 1)
    )[0][-1]


@case("B T 3", cell=nn.LSTMCell(3, 5), head=nn.Linear(5, 3))
def cells_in_a_loop(m: Any, x: Any) -> Any:
    h, c = x.new_zeros(x.size(0), 5), x.new_zeros(x.size(0), 5)
    found = []
    for t in range(x.size(1)):
        h, c = m.cell(x[:, t], (h, c))
        found.append(m.head(h))
    return torch.stack(found, dim=1)


@case("B T 3", one=nn.GRUCell(3, 5), two=nn.GRUCell(5, 5))
def two_cells_in_a_loop(m: Any, x: Any) -> Any:
    states = [x.new_zeros(x.size(0), 5)] * 2
    for t in range(x.size(1)):
        states[0] = m.one(x[:, t], states[0])
        states[1] = m.two(states[0], states[1])
    return states[1]


@case("B T 3", rnn=nn.GRU(3, 5, batch_first=True), head=nn.Linear(5, 3))
def own_predictions_fed_back(m: Any, x: Any) -> Any:
    _, h = m.rnn(x)
    step, found = x[:, -1:], []
    for _ in range(4):
        out, h = m.rnn(step, h)
        step = m.head(out)
        found.append(step)
    return torch.cat(found, dim=1)


@case("B S:int64", "B T:int64", embed=nn.Embedding(9, 3), head=nn.Linear(5, 9),
      encoder=nn.LSTM(3, 5, 2, batch_first=True),
      decoder=nn.LSTM(3, 5, 2, batch_first=True))  # fmt: skip
def teacher_forcing(m: Any, source: Any, target: Any) -> Any:
    _, state = m.encoder(m.embed(source))
    out, _ = m.decoder(m.embed(target[:, :-1]), state)
    scores = m.head(out)
    return F.cross_entropy(scores.reshape(-1, 9), target[:, 1:].reshape(-1))


@case("S B:int64", "T B:int64", embed=nn.Embedding(9, 3), encoder=nn.GRU(3, 5),
      cell=nn.GRUCell(3 + 5, 5), energy=nn.Linear(10, 1), head=nn.Linear(5, 9))  # fmt: skip
def attention_in_a_loop(m: Any, source: Any, target: Any) -> Any:
    memory, h = m.encoder(m.embed(source))
    h, found = h[-1], []
    for t in range(target.size(0)):
        query = h.unsqueeze(0).expand(memory.size(0), -1, -1)
        score = m.energy(torch.tanh(torch.cat([memory, query], 2)))
        context = (F.softmax(score, dim=0) * memory).sum(0)
        h = m.cell(torch.cat([m.embed(target[t]), context], 1), h)
        found.append(m.head(h))
    return torch.stack(found)


@case("B S 3", "B T:int64", encoder=nn.GRU(3, 5, batch_first=True, bidirectional=True),
      join=nn.Linear(10, 5), embed=nn.Embedding(9, 3),
      decoder=nn.GRU(3, 5, batch_first=True))  # fmt: skip
def bridge_of_both_directions(m: Any, x: Any, words: Any) -> Any:
    out, h = m.encoder(x)
    h = torch.tanh(m.join(torch.cat([h[0], h[1]], dim=1))).unsqueeze(0)
    return m.decoder(m.embed(words), h)[0], out


@case("B T 3", rnn=nn.GRU(3, 5, batch_first=True), one=nn.Linear(5, 1), two=nn.Linear(5, 4))
def actor_and_critic(m: Any, x: Any) -> Any:
    out, _ = m.rnn(x)
    value = m.one(out).squeeze(-1)
    return F.softmax(m.two(out), dim=-1), value


@case("T B 5", "T B", "T B", rnn=nn.GRU(5, 6), value=nn.Linear(6, 1))
def returns_backwards(m: Any, x: Any, rewards: Any, dones: Any) -> Any:
    value = m.value(m.rnn(x)[0]).squeeze(-1)
    total, found = value[-1], []
    for t in reversed(range(rewards.size(0))):
        total = rewards[t] + 0.9 * total * (1 - dones[t])
        found.append(total)
    return F.mse_loss(value, torch.stack(found[::-1]))


@case("B T 4", start=nn.Linear(4, 4), rnn=nn.LSTM(4, 5, batch_first=True))
def token_before_the_steps(m: Any, x: Any) -> Any:
    first = x.new_zeros(x.size(0), 1, 4)
    return m.rnn(torch.cat([first, x], dim=1))[0][:, 0]


@case("B T 4", "B 4", rnn=nn.LSTM(8, 5, batch_first=True))
def context_at_each_step(m: Any, x: Any, context: Any) -> Any:
    context = context.unsqueeze(1).repeat(1, x.size(1), 1)
    return m.rnn(torch.cat([x, context], -1))[0]


@case("B 4", rnn=nn.GRU(4, 5, batch_first=True), head=nn.Linear(5, 2))
def same_vector_each_step(m: Any, z: Any) -> Any:
    return m.head(m.rnn(z.unsqueeze(1).expand(-1, 7, -1))[0])


@case("B 1 32 W", conv=nn.Conv2d(1, 4, 3, padding=1), rnn=nn.LSTM(4 * 32, 5, bidirectional=True),
      head=nn.Linear(10, 9))  # fmt: skip
def text_line(m: Any, image: Any) -> Any:
    x = m.conv(image)
    x = x.permute(3, 0, 1, 2).flatten(2)
    return m.head(m.rnn(x)[0]).log_softmax(2)


@case("B T 3", "B:int64", rnn=nn.LSTM(3, 5, batch_first=True))
def packed_loss(m: Any, x: Any, lengths: Any) -> Any:
    pack = pack_padded_sequence(x[:, :-1], lengths, batch_first=True, enforce_sorted=False)
    goal = pack_padded_sequence(x[:, 1:], lengths, batch_first=True, enforce_sorted=False)
    return F.mse_loss(m.rnn(pack)[0].data[:, :3], goal.data)


@case("B T 4", rnn=nn.GRU(4, 5, 3, batch_first=True), head=nn.Linear(15, 2))
def all_layers(m: Any, x: Any) -> Any:
    h = m.rnn(x)[1]
    return m.head(h.transpose(0, 1).flatten(1))


@case("B T 4", rnn=nn.GRU(4, 5, 2, batch_first=True), attend=nn.Linear(5, 5))
def query_of_a_lower_layer(m: Any, x: Any) -> Any:
    out, h = m.rnn(x)
    weights = (m.attend(out) @ h[0].unsqueeze(2)).squeeze(2).softmax(1)
    return (weights.unsqueeze(2) * out).sum(1)


@case("B T 3", gate=nn.Linear(3, 4), cand=nn.Linear(3, 4))
def scan_by_hand(m: Any, x: Any) -> Any:
    z, c = torch.sigmoid(m.gate(x)), torch.tanh(m.cand(x))
    h, found = torch.zeros(x.size(0), 4), []
    for t in range(x.size(1)):
        h = z[:, t] * h + (1 - z[:, t]) * c[:, t]
        found.append(h.unsqueeze(1))
    return torch.cat(found, 1)


@case("B T 3", "B 5", cell=nn.GRUCell(3, 5))
def messages_of_several_kinds(m: Any, x: Any, h: Any) -> Any:
    for _ in range(3):
        h = m.cell(x.mean(1), h)
    return h


@case("B 3 4", "B 5", cell=nn.GRUCell(4, 5), score=nn.Linear(5, 1))
def slots(m: Any, inputs: Any, _unused: Any) -> Any:
    b = inputs.size(0)
    state = torch.zeros(b * 3, 5)
    for _ in range(2):
        state = m.cell(inputs.reshape(b * 3, 4), state)
    return state.view(b, 3, 5)


@case("T B 3", first=nn.LSTM(3, 6), second=nn.LSTM(6, 5), head=nn.Linear(5, 2))
def two_time_major_layers(m: Any, x: Any) -> Any:
    return m.head(m.second(m.first(x)[0])[0][-1])


@case("B T 3", rnn=nn.GRU(3, 5, batch_first=True))
def steps_joined_and_put_back(m: Any, x: Any) -> Any:
    state, steps = None, []
    for t in range(x.size(1)):
        out, state = m.rnn(x[:, t : t + 1], state)
        steps.append(out)
    return torch.cat(steps).view(x.size(1), x.size(0), -1).transpose(0, 1)


@case("B V 3", "B:int64", embed=nn.Linear(3, 5))
def views_one_behind_another(m: Any, x: Any, labels: Any) -> Any:
    one = F.normalize(torch.cat([m.embed(x[:, 0]), m.embed(x[:, -1])]), dim=1)
    same = labels[:, None] == labels[None]
    return (one @ one.T).masked_fill(~same.repeat(2, 2), 0).view(2, x.size(0), -1)
