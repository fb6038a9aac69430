"""What is not yours does not exist: who may see a pool, and who may change it.

(PRV-63, JP-60, JP-61) A pool is its members'; what tells of a player is the player's brand's alone,
in its own region.
"""

from simulator.base.errors import NotFound, ScopeDenied
from simulator.jackpot import terms as t
from simulator.jackpot.rows import PoolRow, TermsRow
from simulator.store.tx import Reads


def require_tenant(tx: Reads, tenant_id: str) -> None:
    """Raises ScopeDenied for a tenant that is not the caller's."""
    if tenant_id != tx.caller.tenant:
        raise ScopeDenied(f"tenant {tenant_id} is not yours", details={"tenant_id": tenant_id})


def terms_of(tx: Reads, pool: PoolRow, version: int | None = None) -> t.Terms:
    """The terms in force in a pool, or those of a version."""
    name = str(pool.version if version is None else version)
    row = tx.get(TermsRow, (pool.pool_id, name))
    if row is None:
        raise RuntimeError(f"pool {pool.pool_id} has no terms of version {name}")
    return t.read(row.terms)


def as_member(tx: Reads, pool: PoolRow | None, pool_id: str) -> tuple[PoolRow, t.Terms]:
    """A pool that the caller's brand takes part in, with its terms. Raises NotFound."""
    if pool is not None:
        terms = terms_of(tx, pool)
        if terms.has(tx.caller.brand, tx.caller.region):
            return pool, terms
    raise NotFound(f"there is no pool {pool_id}", details={"pool_id": pool_id})


def as_owner(tx: Reads, pool: PoolRow | None, pool_id: str) -> tuple[PoolRow, t.Terms]:
    """The same for one that the caller may change. Raises NotFound and ScopeDenied."""
    found, terms = as_member(tx, pool, pool_id)
    if terms.owner != tx.caller.brand:
        raise ScopeDenied(
            f"pool {pool_id} is changed by {terms.owner} alone", details={"owner": terms.owner}
        )
    return found, terms
