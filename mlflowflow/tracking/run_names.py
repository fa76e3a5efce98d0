"""Names for runs that were given none: two words and a number, made from the run's id.

A name says nothing that the id does not say, but people can read it out, remember it and tell two of
them apart. It is made from the id and not drawn, so a step that is begun again keeps its name, and
nothing has to be stored to know it.
"""

from __future__ import annotations

import hashlib
from typing import Final

_ADJECTIVES: Final = (  # noqa: SIM905 - quotes and commas would hide the words
    "able agile airy alert amber ample apt avid azure bold brave brief bright brisk calm candid careful "
    "casual cheery chief civil clean clear clever close cool coral cosy crisp curious daring deep deft dense "
    "direct dual eager early easy even exact fair famous fast fine firm fleet fluent fond frank free fresh "
    "gentle glad golden grand green handy happy hardy honest humble ideal jolly just keen kind late lean "
    "light likely lively local loud loyal lucid lucky mellow merry mild modest narrow neat new nimble noble "
    "novel open orderly pale patient plain polite prime prompt proud pure quick quiet rapid rare ready real "
    "regal rich rosy round royal rustic safe sharp shiny silent silver simple sleek slim smart smooth snug "
    "sober soft solid sound spare steady still stout strong sturdy subtle sunny super sure swift tall tame "
    "tender tidy tiny tough true upbeat urban useful valid vast vivid warm wary wide wild wise witty young"
).split()
_NOUNS: Final = (  # noqa: SIM905 - the same
    "acorn alder anchor apple arch arrow aspen atlas badger bamboo barley basin bay beacon beaver birch bison "
    "boat breeze bridge brook canal canyon cedar cello cherry cliff cloud clover comet condor coral cove crane "
    "creek crow cypress daisy dawn deer delta dolphin dove dune eagle echo elk elm ember falcon fern finch "
    "fjord flint forest fox frost garden geyser glacier glade grove gull harbor hare harp hawk hazel heron "
    "hill horizon ibis iris island ivy jay juniper kelp kestrel kite lagoon lake lantern lark laurel leaf "
    "lemon lily linden linnet lion lotus lynx maple marsh meadow meteor mill mint moon moss moth oak oasis "
    "ocean olive orbit orchid osprey otter owl palm panda pear pebble pike pine planet plover plum pond poplar "
    "prairie quail quartz rain raven reed reef ridge river robin rook rose sage sail salmon seal shore sky "
    "sparrow spruce squid star stone stork storm stream summit sun swan thistle thrush tiger topaz trout tulip "
    "valley violet walnut wave whale willow wind wolf wren yarrow yew zebra"
).split()
_NUMBERS: Final = 1000


def generated_name(run_id: str) -> str:
    """Return the name of a run that was given none.

    >>> generated_name("0" * 32) == generated_name("0" * 32)
    True
    >>> generated_name("0" * 32).count("-")
    2
    """
    number = int.from_bytes(hashlib.blake2b(run_id.encode(), digest_size=8).digest())
    number, adjective = divmod(number, len(_ADJECTIVES))
    number, noun = divmod(number, len(_NOUNS))
    return f"{_ADJECTIVES[adjective]}-{_NOUNS[noun]}-{number % _NUMBERS}"
