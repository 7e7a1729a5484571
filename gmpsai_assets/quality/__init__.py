"""What a published day has and lacks, in numbers, results and pictures. Arguments in, values out.

Nothing is fetched or stored here, and no sample is dropped or filled in. A day goes this way: ``gaps`` finds where
ticks of the clock have no sample, ``causes`` why and how wide, ``completeness`` puts both into the ledger, one row per
device, ``deadlines`` says until when what is missing can be fetched, and ``rules`` gives the result of each check.
Beside it ``statistics`` describes the values, and ``pictures`` draws.
"""
