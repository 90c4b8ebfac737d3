"""Calibrates a CSV of all people's answers to all items with another package and prints what `journey-api calibrate --json` says too: peers.py girth|mirt FILE"""
import json
import sys
import time

import numpy

peer, path = sys.argv[1:]
people, items, scores = numpy.loadtxt(path, delimiter=",", skiprows=1, dtype=int).T
answers = numpy.empty((people.max() + 1, items.max() + 1), int)
answers[people, items] = scores
started = time.time()
said = {}
if peer == "girth":
    import girth
    girth.threepl_mml(answers.T)
else:
    import mirt
    from mirt.estimation import BetaPrior, LogNormalPrior
    fit = mirt.fit_mirt(answers, "3PL", n_quadpts=61, tol=1e-3, max_iter=100, compute_standard_errors=False, accelerate="squarem",
                        priors={"discrimination": LogNormalPrior(.2, .5), "guessing": BetaPrior(5, 17)})
    said = {"iterations_used": int(fit.n_iterations), "log_likelihood": float(fit.log_likelihood)}
print(json.dumps({"elapsed_seconds": time.time() - started, **said}))
