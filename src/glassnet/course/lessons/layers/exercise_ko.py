# glassnet lesson: layers
"""층으로 만든 신경망과 학습 한 스텝. 작성한 뒤: glassnet check layers"""

from glassnet.course.built import Affine, ReLU, SoftmaxWithLoss


class Network:
    """Affine, ReLU, Affine, ReLU, …, Affine, 그리고 맨 끝에 SoftmaxWithLoss."""

    def __init__(self, weights):
        """weights: (W, b)의 리스트. Affine 층마다 한 쌍이고, 바꾸지 않습니다."""
        raise NotImplementedError

    def predict(self, x):
        """마지막 Affine 층의 점수. 소프트맥스를 지나기 전의 값입니다."""
        raise NotImplementedError

    def loss(self, x, t):
        """교차 엔트로피의 평균. t: 클래스 번호."""
        raise NotImplementedError

    def gradients(self, x, t):
        """(dW, db)의 리스트. Affine 층마다 한 쌍, 첫 층부터 마지막 층까지."""
        raise NotImplementedError

    def train_step(self, x, t, lr):
        """Affine 층마다 W ← W - lr·dW, b ← b - lr·db. 갱신 전의 손실을 돌려줍니다."""
        raise NotImplementedError
