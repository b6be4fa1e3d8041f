"""The same computations in vectorised numpy and scipy, written as people write them who know both."""
