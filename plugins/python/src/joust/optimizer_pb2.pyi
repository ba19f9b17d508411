from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

ABILITY_CHECKPOINT: Ability
ABILITY_DIAGNOSE: Ability
ABILITY_NEEDS: Ability
ABILITY_RECOMMEND: Ability
ABILITY_SHORTLIST: Ability
ABILITY_UNSPECIFIED: Ability
DESCRIPTOR: _descriptor.FileDescriptor
NEED_GRAD: Need
NEED_LOSS: Need
NEED_UNSPECIFIED: Need

class Ask(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class Asked(_message.Message):
    __slots__ = ["batch", "need", "rows"]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    NEED_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    batch: int
    need: Need
    rows: Rows
    def __init__(self, batch: _Optional[int] = ..., rows: _Optional[_Union[Rows, _Mapping]] = ..., need: _Optional[_Union[Need, str]] = ...) -> None: ...

class Block(_message.Message):
    __slots__ = ["fan_in", "layer", "len", "name", "off", "rows", "scale"]
    FAN_IN_FIELD_NUMBER: _ClassVar[int]
    LAYER_FIELD_NUMBER: _ClassVar[int]
    LEN_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    OFF_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    SCALE_FIELD_NUMBER: _ClassVar[int]
    fan_in: int
    layer: int
    len: int
    name: str
    off: int
    rows: int
    scale: float
    def __init__(self, name: _Optional[str] = ..., off: _Optional[int] = ..., len: _Optional[int] = ..., layer: _Optional[int] = ..., rows: _Optional[int] = ..., fan_in: _Optional[int] = ..., scale: _Optional[float] = ...) -> None: ...

class CheckpointRequest(_message.Message):
    __slots__ = ["run"]
    RUN_FIELD_NUMBER: _ClassVar[int]
    run: str
    def __init__(self, run: _Optional[str] = ...) -> None: ...

class Chunk(_message.Message):
    __slots__ = ["data"]
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    def __init__(self, data: _Optional[bytes] = ...) -> None: ...

class DescribeRequest(_message.Message):
    __slots__ = ["features", "host", "minor"]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    HOST_FIELD_NUMBER: _ClassVar[int]
    MINOR_FIELD_NUMBER: _ClassVar[int]
    features: _containers.RepeatedScalarFieldContainer[str]
    host: str
    minor: int
    def __init__(self, host: _Optional[str] = ..., minor: _Optional[int] = ..., features: _Optional[_Iterable[str]] = ...) -> None: ...

class DescribeResponse(_message.Message):
    __slots__ = ["features", "minor", "optimizers", "runtime"]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    MINOR_FIELD_NUMBER: _ClassVar[int]
    OPTIMIZERS_FIELD_NUMBER: _ClassVar[int]
    RUNTIME_FIELD_NUMBER: _ClassVar[int]
    features: _containers.RepeatedScalarFieldContainer[str]
    minor: int
    optimizers: _containers.RepeatedCompositeFieldContainer[Description]
    runtime: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, optimizers: _Optional[_Iterable[_Union[Description, _Mapping]]] = ..., minor: _Optional[int] = ..., features: _Optional[_Iterable[str]] = ..., runtime: _Optional[_Iterable[str]] = ...) -> None: ...

class Description(_message.Message):
    __slots__ = ["abilities", "doc", "full_batch", "homepage", "license", "max_dim", "memory", "min_dim", "name", "need", "params", "refs", "summary", "version"]
    ABILITIES_FIELD_NUMBER: _ClassVar[int]
    DOC_FIELD_NUMBER: _ClassVar[int]
    FULL_BATCH_FIELD_NUMBER: _ClassVar[int]
    HOMEPAGE_FIELD_NUMBER: _ClassVar[int]
    LICENSE_FIELD_NUMBER: _ClassVar[int]
    MAX_DIM_FIELD_NUMBER: _ClassVar[int]
    MEMORY_FIELD_NUMBER: _ClassVar[int]
    MIN_DIM_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    NEED_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    REFS_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    abilities: _containers.RepeatedScalarFieldContainer[Ability]
    doc: str
    full_batch: bool
    homepage: str
    license: str
    max_dim: int
    memory: Memory
    min_dim: int
    name: str
    need: Need
    params: _containers.RepeatedCompositeFieldContainer[Param]
    refs: _containers.RepeatedScalarFieldContainer[str]
    summary: str
    version: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., summary: _Optional[str] = ..., doc: _Optional[str] = ..., license: _Optional[str] = ..., homepage: _Optional[str] = ..., refs: _Optional[_Iterable[str]] = ..., need: _Optional[_Union[Need, str]] = ..., full_batch: bool = ..., min_dim: _Optional[int] = ..., max_dim: _Optional[int] = ..., params: _Optional[_Iterable[_Union[Param, _Mapping]]] = ..., memory: _Optional[_Union[Memory, _Mapping]] = ..., abilities: _Optional[_Iterable[_Union[Ability, str]]] = ...) -> None: ...

class DiagnoseRequest(_message.Message):
    __slots__ = ["run"]
    RUN_FIELD_NUMBER: _ClassVar[int]
    run: str
    def __init__(self, run: _Optional[str] = ...) -> None: ...

class DiagnoseResponse(_message.Message):
    __slots__ = ["figures", "optimizer_seconds"]
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    OPTIMIZER_SECONDS_FIELD_NUMBER: _ClassVar[int]
    figures: _containers.RepeatedCompositeFieldContainer[Figure]
    optimizer_seconds: float
    def __init__(self, figures: _Optional[_Iterable[_Union[Figure, _Mapping]]] = ..., optimizer_seconds: _Optional[float] = ...) -> None: ...

class Failure(_message.Message):
    __slots__ = ["kind", "message"]
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = []
    KIND_BAD_STATE: Failure.Kind
    KIND_BROKEN: Failure.Kind
    KIND_DIVERGED: Failure.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    KIND_INVALID: Failure.Kind
    KIND_TOO_LARGE: Failure.Kind
    KIND_UNKNOWN_RUN: Failure.Kind
    KIND_UNSPECIFIED: Failure.Kind
    KIND_WRONG_ORDER: Failure.Kind
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    kind: Failure.Kind
    message: str
    def __init__(self, kind: _Optional[_Union[Failure.Kind, str]] = ..., message: _Optional[str] = ...) -> None: ...

class Figure(_message.Message):
    __slots__ = ["name", "value"]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: float
    def __init__(self, name: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...

class FinishRequest(_message.Message):
    __slots__ = ["run"]
    RUN_FIELD_NUMBER: _ClassVar[int]
    run: str
    def __init__(self, run: _Optional[str] = ...) -> None: ...

class FinishResponse(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class InitRequest(_message.Message):
    __slots__ = ["blocks", "budget", "config", "dim", "init", "optimizer", "run", "seed", "shared_half", "threads"]
    BLOCKS_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    DIM_FIELD_NUMBER: _ClassVar[int]
    INIT_FIELD_NUMBER: _ClassVar[int]
    OPTIMIZER_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    SHARED_HALF_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    blocks: _containers.RepeatedCompositeFieldContainer[Block]
    budget: int
    config: str
    dim: int
    init: Rows
    optimizer: str
    run: str
    seed: int
    shared_half: int
    threads: int
    def __init__(self, run: _Optional[str] = ..., optimizer: _Optional[str] = ..., config: _Optional[str] = ..., dim: _Optional[int] = ..., init: _Optional[_Union[Rows, _Mapping]] = ..., blocks: _Optional[_Iterable[_Union[Block, _Mapping]]] = ..., budget: _Optional[int] = ..., seed: _Optional[int] = ..., threads: _Optional[int] = ..., shared_half: _Optional[int] = ...) -> None: ...

class InitResponse(_message.Message):
    __slots__ = ["optimizer_seconds", "shared"]
    OPTIMIZER_SECONDS_FIELD_NUMBER: _ClassVar[int]
    SHARED_FIELD_NUMBER: _ClassVar[int]
    optimizer_seconds: float
    shared: bool
    def __init__(self, shared: bool = ..., optimizer_seconds: _Optional[float] = ...) -> None: ...

class Memory(_message.Message):
    __slots__ = ["fixed", "per_dim", "per_dim2"]
    FIXED_FIELD_NUMBER: _ClassVar[int]
    PER_DIM2_FIELD_NUMBER: _ClassVar[int]
    PER_DIM_FIELD_NUMBER: _ClassVar[int]
    fixed: float
    per_dim: float
    per_dim2: float
    def __init__(self, fixed: _Optional[float] = ..., per_dim: _Optional[float] = ..., per_dim2: _Optional[float] = ...) -> None: ...

class Param(_message.Message):
    __slots__ = ["choices", "default", "doc", "log", "max", "max_open", "min", "min_open", "name", "type"]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_FIELD_NUMBER: _ClassVar[int]
    DOC_FIELD_NUMBER: _ClassVar[int]
    LOG_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    MAX_OPEN_FIELD_NUMBER: _ClassVar[int]
    MIN_FIELD_NUMBER: _ClassVar[int]
    MIN_OPEN_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    choices: _containers.RepeatedScalarFieldContainer[str]
    default: str
    doc: str
    log: bool
    max: float
    max_open: bool
    min: float
    min_open: bool
    name: str
    type: str
    def __init__(self, name: _Optional[str] = ..., doc: _Optional[str] = ..., type: _Optional[str] = ..., default: _Optional[str] = ..., min: _Optional[float] = ..., max: _Optional[float] = ..., min_open: bool = ..., max_open: bool = ..., log: bool = ..., choices: _Optional[_Iterable[str]] = ...) -> None: ...

class RecommendRequest(_message.Message):
    __slots__ = ["run", "shortlist"]
    RUN_FIELD_NUMBER: _ClassVar[int]
    SHORTLIST_FIELD_NUMBER: _ClassVar[int]
    run: str
    shortlist: int
    def __init__(self, run: _Optional[str] = ..., shortlist: _Optional[int] = ...) -> None: ...

class RecommendResponse(_message.Message):
    __slots__ = ["optimizer_seconds", "rows"]
    OPTIMIZER_SECONDS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    optimizer_seconds: float
    rows: Rows
    def __init__(self, rows: _Optional[_Union[Rows, _Mapping]] = ..., optimizer_seconds: _Optional[float] = ...) -> None: ...

class RestoreRequest(_message.Message):
    __slots__ = ["chunk", "init"]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    INIT_FIELD_NUMBER: _ClassVar[int]
    chunk: Chunk
    init: InitRequest
    def __init__(self, init: _Optional[_Union[InitRequest, _Mapping]] = ..., chunk: _Optional[_Union[Chunk, _Mapping]] = ...) -> None: ...

class Rows(_message.Message):
    __slots__ = ["data", "n", "offset"]
    DATA_FIELD_NUMBER: _ClassVar[int]
    N_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    n: int
    offset: int
    def __init__(self, n: _Optional[int] = ..., data: _Optional[bytes] = ..., offset: _Optional[int] = ...) -> None: ...

class StepRequest(_message.Message):
    __slots__ = ["ask", "run", "tell"]
    ASK_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    TELL_FIELD_NUMBER: _ClassVar[int]
    ask: Ask
    run: str
    tell: Tell
    def __init__(self, run: _Optional[str] = ..., tell: _Optional[_Union[Tell, _Mapping]] = ..., ask: _Optional[_Union[Ask, _Mapping]] = ...) -> None: ...

class StepResponse(_message.Message):
    __slots__ = ["asked", "failure", "more", "optimizer_seconds", "told"]
    ASKED_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    OPTIMIZER_SECONDS_FIELD_NUMBER: _ClassVar[int]
    TOLD_FIELD_NUMBER: _ClassVar[int]
    asked: Asked
    failure: Failure
    more: bool
    optimizer_seconds: float
    told: bool
    def __init__(self, failure: _Optional[_Union[Failure, _Mapping]] = ..., told: bool = ..., asked: _Optional[_Union[Asked, _Mapping]] = ..., more: bool = ..., optimizer_seconds: _Optional[float] = ...) -> None: ...

class Tell(_message.Message):
    __slots__ = ["batch", "grads", "losses"]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    GRADS_FIELD_NUMBER: _ClassVar[int]
    LOSSES_FIELD_NUMBER: _ClassVar[int]
    batch: int
    grads: Rows
    losses: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, batch: _Optional[int] = ..., losses: _Optional[_Iterable[float]] = ..., grads: _Optional[_Union[Rows, _Mapping]] = ...) -> None: ...

class Need(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class Ability(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
