"""What a diagnosis says, in English and in Korean.

Each entry: message, advice, message in Korean, advice in Korean.  In braces stand the
numbers of the finding, the name of the layer, and ``since``, the epoch counted from 1.
"""

from __future__ import annotations

Texts = tuple[str, str, str, str]

TEXTS: dict[str, Texts] = {
    "diverged": (
        "The loss became NaN or infinite in epoch {since}, batch {batch}, at a learning rate of "
        "{learning_rate}; the first that went wrong was {where}.",
        "Try a learning rate of {suggested}, or global_clipnorm=1.",
        "{since}번째 에포크의 {batch}번째 배치에서 손실이 NaN 또는 무한대가 되었습니다(학습률 "
        "{learning_rate}). 가장 먼저 망가진 곳: {where}",
        "학습률을 {suggested} 정도로 낮추거나 global_clipnorm=1을 써 보세요.",
    ),
    "learning_rate_too_large": (
        "The loss rose to {worst}, though an answer that never looks at the input costs only "
        "{baseline}: the steps are too large at a learning rate of {learning_rate}.",
        "Try a learning rate of {suggested}.",
        "손실이 {worst}까지 올라갔습니다. 입력을 전혀 보지 않고 답해도 {baseline}이면 되므로, "
        "학습률 {learning_rate}에서는 한 걸음이 너무 큽니다.",
        "학습률을 {suggested} 정도로 낮춰 보세요.",
    ),
    "first_steps_too_large": (
        "The first updates changed the weights by {moved} times their own size at a learning rate "
        "of {learning_rate}, and the network has learned nothing since.",
        "Try a learning rate of {suggested}.",
        "학습률 {learning_rate}에서 첫 갱신이 가중치를 그 크기의 {moved}배나 움직였고, 그 뒤로는 "
        "아무것도 배우지 못했습니다.",
        "학습률을 {suggested} 정도로 낮춰 보세요.",
    ),
    "loss_jumps": (
        "The loss jumps up and down instead of falling: from one epoch to the next by {jump} % "
        "(median), and upwards in {ups} % of the epochs, at a learning rate of {learning_rate}.",
        "Try a learning rate of {suggested}.",
        "손실이 줄지 않고 오르내립니다. 에포크마다 중앙값으로 {jump} %씩 바뀌고, 전체 에포크의 "
        "{ups} %에서 오히려 올라갔습니다(학습률 {learning_rate}).",
        "학습률을 {suggested} 정도로 낮춰 보세요.",
    ),
    "loss_rose_again": (
        "The training loss was {best} in epoch {best_epoch} and has risen to {last} since, at "
        "a learning rate of {learning_rate}.",
        "Try a learning rate of {suggested}.",
        "훈련 손실이 {best_epoch}번째 에포크에 {best}까지 내려갔다가 다시 올라가 지금은 "
        "{last}입니다(학습률 {learning_rate}).",
        "학습률을 {suggested} 정도로 낮춰 보세요.",
    ),
    "learning_rate_too_small": (
        "The loss has hardly moved (from {first} to {last} in {epochs} epochs), and neither "
        "have the weights: one update changes them by {percent} % at most, at a learning rate "
        "of {learning_rate}.",
        "Try a learning rate of {suggested}.",
        "{epochs}번의 에포크 동안 손실이 거의 그대로이고({first} → {last}), 가중치도 거의 "
        "움직이지 않았습니다. 학습률 {learning_rate}에서 갱신 한 번이 가중치를 최대 {percent} "
        "% 바꿉니다.",
        "학습률을 {suggested} 정도로 높여 보세요.",
    ),
    "vanishing_gradients": (
        "The gradient vanishes on its way down: it is {gradient} in layer '{layer}' and {top} "
        "in the last one ({times} times as large), so the lower layers hardly learn.",
        "Try 'relu' in the hidden layers, batch normalization, or fewer layers.",
        "기울기가 아래로 내려가면서 사라집니다. '{layer}' 층에서는 {gradient}, 마지막 층에서는 "
        "{top}입니다({times}배 차이). 그래서 아래쪽 층은 거의 배우지 못합니다.",
        "은닉층에 'relu'나 배치 정규화를 쓰거나 층 수를 줄여 보세요.",
    ),
    "small_initial_weights": (
        "The gradient vanishes on its way down: it is {gradient} in layer '{layer}' and {top} "
        "in the last one ({times} times as large). The weights of the layer are small (‖W‖ = "
        "{weight}), so each layer passes on less.",
        "Try the initial weights of He ('he_normal') or Glorot, or batch normalization.",
        "기울기가 아래로 내려가면서 사라집니다. '{layer}' 층에서는 {gradient}, 마지막 층에서는 "
        "{top}입니다({times}배 차이). 가중치가 작아서(‖W‖ = {weight}) 층을 지날 때마다 신호가 "
        "줄어듭니다.",
        "초깃값을 He('he_normal')나 Glorot으로 바꾸거나 배치 정규화를 써 보세요.",
    ),
    "exploding_gradients": (
        "The gradients are enormous: {gradient} in layer '{layer}', and the loss begins at {loss} "
        "instead of about {baseline}. The initial weights make the signal grow from layer to "
        "layer.",
        "Try the initial weights of He ('he_normal') or Glorot, or global_clipnorm=1.",
        "기울기가 지나치게 큽니다. '{layer}' 층에서 {gradient}이고, 손실이 {baseline} 근처가 "
        "아니라 {loss}에서 시작합니다. 가중치 초깃값 때문에 층을 지날수록 신호가 커집니다.",
        "초깃값을 He('he_normal')나 Glorot으로 바꾸거나 global_clipnorm=1을 써 보세요.",
    ),
    "dead_relu": (
        "Layer '{layer}': {dead} of {units} ReLUs answer 0 to every sample since epoch {since}. "
        "They get no gradient any more and stay dead.",
        "Try a smaller learning rate, or 'leaky_relu' in this layer.",
        "'{layer}' 층: ReLU {units}개 중 {dead}개가 {since}번째 에포크부터 모든 샘플에 0을 "
        "출력합니다. 기울기가 흐르지 않아 다시 살아나지 못합니다.",
        "학습률을 낮추거나 이 층에 'leaky_relu'를 써 보세요.",
    ),
    "dead_relu_from_start": (
        "Layer '{layer}': {dead} of {units} ReLUs have answered 0 to every sample from the start. "
        "They get no gradient.",
        "Look at the initial weights and biases of this layer ('he_normal', zeros), or try "
        "'leaky_relu'.",
        "'{layer}' 층: ReLU {units}개 중 {dead}개가 처음부터 모든 샘플에 0을 출력합니다. 기울기가 "
        "흐르지 않습니다.",
        "이 층의 가중치와 편향 초깃값('he_normal', zeros)을 확인하거나 'leaky_relu'를 써 보세요.",
    ),
    "saturated_units": (
        "Layer '{layer}': {percent} % of the {activation} outputs are at their bounds since epoch "
        "{since}, where the slope is nearly 0.",
        "Try a smaller learning rate, weight decay, or 'relu' in this layer.",
        "'{layer}' 층: {since}번째 에포크부터 {activation} 출력의 {percent} %가 포화되어 미분값이 "
        "거의 0입니다.",
        "학습률을 낮추거나 가중치 감쇠를 쓰거나 이 층에 'relu'를 써 보세요.",
    ),
    "saturated_from_start": (
        "Layer '{layer}': {percent} % of the {activation} outputs have been at their bounds from "
        "the start, where the slope is nearly 0: the initial weights are too large.",
        "Try the initial weights of Glorot ('glorot_uniform').",
        "'{layer}' 층: 처음부터 {activation} 출력의 {percent} %가 포화되어 미분값이 거의 0입니다. "
        "가중치 초깃값이 너무 큽니다.",
        "초깃값을 Glorot('glorot_uniform')으로 바꿔 보세요.",
    ),
    "overfitting": (
        "The network learns the training data by heart: the validation loss was best in epoch "
        "{since} ({best}) and is {last} now, while the training loss went on falling to {train}.",
        "Stop there (EarlyStopping), or try dropout, weight decay, more data, a smaller network.",
        "과적합입니다. 검증 손실은 {since}번째 에포크에서 가장 낮았고({best}) 지금은 {last}인데, "
        "훈련 손실은 계속 내려가 {train}입니다.",
        "그 시점에서 멈추거나(EarlyStopping) 드롭아웃, 가중치 감쇠, 더 많은 데이터, 더 작은 "
        "신경망을 써 보세요.",
    ),
    "underfitting": (
        "The network does not fit even its training data: the loss stays at {loss}, and an answer "
        "that never looks at the input costs {baseline}. It has not become better for a third of "
        "the training.",
        "Try more units or another layer, or features that say more.",
        "훈련 데이터조차 맞히지 못합니다(과소적합). 손실이 {loss}에 머물러 있는데, 입력을 전혀 "
        "보지 않고 답해도 {baseline}입니다. 학습의 마지막 3분의 1 동안 나아지지 않았습니다.",
        "유닛이나 층을 늘리거나 정보가 더 많은 특징을 넣어 보세요.",
    ),
    "trained_too_short": (
        "The training ended while the loss was still falling: {loss} after {epochs} epochs, and "
        "an answer that never looks at the input costs {baseline}.",
        "Try {suggested} epochs, or a larger learning rate.",
        "손실이 아직 내려가는 중에 학습이 끝났습니다. {epochs}번의 에포크 뒤 손실이 {loss}이고, "
        "입력을 전혀 보지 않고 답해도 {baseline}입니다.",
        "에포크를 {suggested}번으로 늘리거나 학습률을 높여 보세요.",
    ),
    "unscaled_inputs": (
        "The inputs are large: feature {feature} (counted from 0) is about "
        "{largest}, and the smallest about "
        "{smallest}. Networks learn well from numbers of about -1 to 1.",
        "Scale them: (x - mean) / standard deviation for tables, Rescaling(1 / 255) for images.",
        "입력값이 큽니다. {feature}번 특징(0부터 셈)은 크기가 {largest} 정도이고, 가장 작은 "
        "특징은 {smallest} 정도입니다. 신경망은 -1에서 1 정도의 값에서 잘 학습됩니다.",
        "표 데이터는 (x - 평균) / 표준편차로, 이미지는 Rescaling(1 / 255)로 크기를 맞추세요.",
    ),
    "tiny_inputs": (
        "The inputs are tiny: the largest feature is about {largest}. Networks learn well from "
        "numbers of about -1 to 1.",
        "Scale them: (x - mean) / standard deviation.",
        "입력값이 너무 작습니다. 가장 큰 특징도 {largest} 정도입니다. 신경망은 -1에서 1 정도의 "
        "값에서 잘 학습됩니다.",
        "(x - 평균) / 표준편차로 크기를 맞추세요.",
    ),
    "unscaled_targets": (
        "The targets are large: about {size}. The network begins with answers of about 0 and has "
        "a long way to go.",
        "Scale them: (y - mean) / standard deviation, and scale the predictions back.",
        "목표값이 큽니다(크기 {size} 정도). 신경망의 출력은 0 근처에서 시작하므로 갈 길이 멉니다.",
        "(y - 평균) / 표준편차로 맞추고, 예측값은 다시 원래 크기로 되돌리세요.",
    ),
    "imbalanced_classes": (
        "The classes are unequal: {largest} samples of {largest_label}, {smallest} of "
        "{smallest_label}. A network that never answers {smallest_label} is right in {percent} "
        "% of the cases.",
        "Weigh them with class_weight, and look at recall and F1 beside the accuracy.",
        "클래스가 불균형합니다({largest_label} {largest}개, {smallest_label} {smallest}개). "
        "{smallest_label} 클래스를 한 번도 답하지 않아도 정확도가 {percent} %입니다.",
        "class_weight로 가중치를 주고, 정확도와 함께 재현율과 F1도 보세요.",
    ),
    "missing_classes": (
        "There is no sample of {smallest_label} in the training data, but the network has an "
        "output for it.",
        "Shuffle before splitting, or split by class (stratify).",
        "훈련 데이터에 {smallest_label} 샘플이 하나도 없는데 신경망에는 그 출력이 있습니다.",
        "나누기 전에 데이터를 섞거나 클래스 비율을 지켜(stratify) 나누세요.",
    ),
    "shuffled_labels": (
        "The labels look shuffled: neighbours in the data agree no more often than by chance "
        "({related} standard deviations; above 3 would mean something).",
        "Check that x and y are in the same order, and that x holds what y depends on.",
        "레이블이 뒤섞인 것 같습니다. 가까운 샘플끼리도 레이블이 우연 이상으로 일치하지 않습니다"
        "(표준편차의 {related}배. 3 이상이어야 의미가 있습니다).",
        "x와 y의 순서가 같은지, x에 y를 결정하는 정보가 들어 있는지 확인하세요.",
    ),
}
