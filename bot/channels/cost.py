"""What letters cost: whole ten-thousandths of a yuan, for short messages are sold at 0.0325 yuan and the like."""

from decimal import Decimal

_UNIT = 10_000


def cost(yuan: Decimal | float) -> int:
    """An amount in yuan as it is kept."""
    return int(Decimal(str(yuan)) * _UNIT)


def in_yuan(cost: int) -> str:
    """An amount as it is told: 1.20 元."""
    return f"{cost / _UNIT:.2f} 元"
