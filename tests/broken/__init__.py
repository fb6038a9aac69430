"""Systems that are wrong on purpose, one defect each, and right ones that look different.

The judge is judged by them: each wrong one has to be killed by the check meant for it, and no right
one may be (`make judge`). They share no code with `simulator/`.
"""
