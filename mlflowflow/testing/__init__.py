"""Public fakes and contracts: what to test a store, a registry or a set-up of your own with.

=================== ==========================================================================================
``blob_store``      the promises of a `BlobStore` as tests: subclass it, give it your store
``catalog``         the same for a registry, with threads, processes and lost answers
``versions``        its other half: versions that are tagged, deleted, copied and pointed at by many
``faults``          a store whose calls fail in every way that networks, stores and disks are known to
``pool``            the promises of a pool of trials as tests, and a pool of threads
``plans``           which call meets which fault: passing, lasting, at random from a seed
``disk``            the same for the local disk, and what a killed process leaves of it
``power``           a machine that loses power: a store and its spools without what was not synced
``simulation``      many processes in one thread under a seeded scheduler: one seed, one history
``oracles``         what must hold afterwards: nothing lost, invented, doubled, swapped or left over
``history``         whether one order of concurrent calls explains all their answers
``s3``              an S3 server for tests; ``rclone`` and ``ceph`` start others
=================== ==========================================================================================

The short way to a proof of your own: a story in which everything happens once, a `faults.FaultyBlobStore`
that lets its first call fail, then its second and so on, and the `oracles` over what was tried, what was
acknowledged and what is visible. Then plant a mistake, and see that it is noticed.

A simulation needs the package ``greenlet``; the contracts need ``pytest``.
"""
