# SPDX-License-Identifier: ISC
"""Parts of a small internet in network namespaces: shared by the tests (tests/net) and the play."""
