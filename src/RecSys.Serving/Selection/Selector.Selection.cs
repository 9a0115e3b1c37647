using System.Runtime.CompilerServices;
using RecSys.Numerics;
using RecSys.Serving.Explaining;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Selection;

internal static partial class Selector
{
    /// <summary>The state of the selection of one slate.</summary>
    private ref struct Selection
    {
        private const float Smoothing = 0.01f;
        private const float Rounding = 1e-3f;

        // The number of liked interactions at which half of the weight of calibration applies. Fewer interactions say little about proportions.
        private const float CalibratedFrom = 5;

        private readonly SlateRun _run;
        private readonly ServingOptions _options;
        private readonly Tastes _tastes;
        private readonly ReadOnlySpan<int> _slots;
        private readonly ReadOnlySpan<float> _topScores;
        private readonly Span<float> _scores;
        private readonly Span<float> _similarity;
        private readonly Span<bool> _taken;
        private readonly Span<float> _chosenOfCategory;
        private readonly Span<float> _gains;
        private readonly float _diversity;
        private readonly float _calibration;
        private readonly int _pool;
        private readonly int _categoryMax;
        private readonly int _boughtMax;
        private readonly float _surplusMax;
        private readonly int _causeMax;
        private readonly int _boughtCauseMax;
        private readonly double _newItemProbability;
        private readonly int _newItemsMax;
        private readonly int _newItemCount;
        private int _newItemsDrawn;
        private int _fullCauseCount;
        private int _position;

        public Selection(SlateRun run, ServingOptions options)
        {
            SlateScratch scratch = run.Scratch;
            _run = run;
            _options = options;
            _tastes = scratch.Tastes;
            _slots = scratch.TopIndices.AsSpan(0, run.RankedCount);
            _topScores = scratch.TopScores.AsSpan(0, run.RankedCount);
            _scores = scratch.PoolScores.AsSpan(0, run.RankedCount);
            _similarity = scratch.PoolSimilarity.AsSpan(0, run.RankedCount);
            _taken = scratch.PoolTaken.AsSpan(0, run.RankedCount);
            _similarity.Clear();
            _taken.Clear();
            _chosenOfCategory = scratch.TasteChosen.AsSpan(0, _tastes.Count);
            _gains = scratch.TasteGains.AsSpan(0, _tastes.Count * Tastes.PerItemMax);
            _chosenOfCategory.Clear();

            _pool = Math.Min(run.RankedCount, PoolOf(run));
            float top = _pool > 0 ? scratch.TopScores[0] : 0;

            // Penalties may make scores negative. These are scaled to below 0, so that they do not move the others closer together.
            float last = _pool > 0 ? scratch.TopScores[_pool - 1] : 0;
            float low = top > 0 ? Math.Max(last, 0) : last;
            float range = top - low;
            float stretch = range > 0 ? 1 / range : 0;

            int count = run.Request.Count;
            bool isVaried = IsVaried(run);
            _diversity = (float)(run.Request.Diversity ?? (run.IsCold ? Math.Max(options.Diversity, options.ColdDiversity) : options.Diversity));
            _calibration = isVaried && _tastes.HasShares ? (float)options.Calibration * _tastes.LikedCount / (_tastes.LikedCount + CalibratedFrom) : 0;
            for (int at = 0; at < _scores.Length; at++)
            {
                _scores[at] = (1 - _calibration) * (_topScores[at] - low) * stretch;
            }

            double share = run.Request.Category is not null ? 1 : run.IsCold ? options.ColdCategoryShareMax : options.CategoryShareMax;
            _categoryMax = PlacesOf(share, count);
            _boughtMax = isVaried ? PlacesOf(options.BoughtShareMax, count) : int.MaxValue;
            _surplusMax = isVaried && _tastes.HasShares ? (float)options.TasteSurplusMax : 1;
            int causes = Math.Max(1, Math.Max(run.FoldCount, run.RecentCount));
            _boughtCauseMax = isVaried ? PlacesOf(options.CauseShareMax, count) : int.MaxValue;
            _causeMax = _boughtCauseMax < int.MaxValue ? Math.Max(_boughtCauseMax, (count + causes - 1) / causes) : int.MaxValue;
            double newItemShare = Math.Min(options.NewItemShare, run.NewItems?.Share ?? 0);
            _newItemProbability = Math.Min(2 * newItemShare, 1 - options.ExplorationShare);
            _newItemsMax = (int)Math.Ceiling((newItemShare * count) - 1e-9);
            _newItemCount = _newItemsMax > 0 ? FindNewItems() : 0;
        }

        public readonly bool Explores => _options.ExplorationShare > 0 || _newItemsDrawn < Math.Min(_newItemsMax, _newItemCount);

        /// <summary>Starts a position, and discards the gains of categories, which depend on the position and on the chosen items.</summary>
        public void Begin(int position)
        {
            _position = position;
            if (_calibration > 0)
            {
                _gains.Fill(float.NaN);
            }
        }

        /// <summary>Returns the place in the ranking of the best candidate that is not chosen; −1 if none is left.</summary>
        public readonly int Best()
        {
            int best = -1;
            int bestTier = int.MaxValue;
            float bestValue = float.NegativeInfinity;
            float bestCauseLimited = 0;
            float gainMax = _calibration > 0 ? GainMax() : 0;
            float diversity = _diversity;
            float relevance = 1 - diversity;
            bool hasTarget = _run.Target is not null;
            bool isCalibrated = _calibration > 0;

            // Similarities are computed only for the pool.
            int end = diversity > 0 ? _pool : _slots.Length;
            for (int at = 0; at < end || (best < 0 && at < _slots.Length); at++)
            {
                int slot = _slots[at];
                if (_taken[at] || (hasTarget && !_run.MayBeChosen(slot)))
                {
                    continue;
                }

                float score = _scores[at];
                if (bestTier == 0 && relevance * (score + gainMax) <= bestValue)
                {
                    // Candidates are in the order of their scores, so no later one can be better.
                    break;
                }

                float value = (relevance * (score + (isCalibrated ? GainOf(slot) : 0))) - (diversity * _similarity[at]);
                if (bestTier == 0 && !(value > bestValue))
                {
                    continue;
                }

                int tier = TierOf(slot);
                if (tier == CauseTier)
                {
                    bestCauseLimited = Math.Max(bestCauseLimited, _topScores[at]);
                }
                else if (tier == 0 && (_run.IsDemoted(slot) ? bestCauseLimited > 0 : _topScores[at] < CauseOtherMin * bestCauseLimited))
                {
                    // A seen item, or one with a far lower score, does not replace an item above the limit of its cause.
                    tier = CauseTier;
                }

                if (tier > bestTier || (tier == bestTier && !(value > bestValue)))
                {
                    continue;
                }

                (best, bestTier, bestValue) = (at, tier, value);
            }

            return best;
        }

        /// <summary>Draws whether the position explores, and returns the place in the ranking of the candidate that it shows.</summary>
        /// <param name="best">The place in the ranking of the best candidate.</param>
        /// <param name="random">The random numbers of the request.</param>
        /// <param name="propensity">Receives the probability, 0 to 1, of the returned candidate at this position, given the positions before it.</param>
        public int Explore(int best, ref SeededRandom random, out float propensity)
        {
            int others = _options.ExplorationShare > 0 ? CountOfDrawable(best) : 0;
            double share = others > 0 ? _options.ExplorationShare : 0;
            int newItems = _newItemsDrawn < _newItemsMax && 2 * _position >= _run.Request.Count ? Math.Min(NewItemChoicesMax, CountOfNewItems(best)) : 0;
            double newItemProbability = newItems > 0 ? _newItemProbability : 0;
            double drawn = random.NextDouble();
            int chosen = best;
            if (drawn < share)
            {
                chosen = Drawable(best, random.NextInt(others));
            }
            else if (drawn < share + newItemProbability)
            {
                chosen = NewItem(best, random.NextInt(newItems));
                _newItemsDrawn++;
                _run.Scratch.Candidates[_run.Scratch.TopIndices[chosen]].Cause = Candidate.DrawnAsNew;
            }

            propensity = chosen == best
                ? (float)(1 - share - newItemProbability)
                : (float)((share > 0 && IsDrawable(chosen, best) ? share / others : 0) + (IsAmongNewItems(chosen, best, newItems) ? newItemProbability / newItems : 0));
            return chosen;
        }

        /// <summary>Marks a candidate as chosen.</summary>
        public void Take(int chosen, bool isLast)
        {
            _taken[chosen] = true;
            int slot = _run.Scratch.TopIndices[chosen];
            CountCause(slot);
            if (_calibration > 0 || _surplusMax < 1)
            {
                ReadOnlySpan<sbyte> categories = _tastes.IdsOf(slot);
                foreach (sbyte category in categories)
                {
                    if (category >= 0)
                    {
                        _chosenOfCategory[category] += 1f / categories.Length;
                    }
                }
            }

            if (_diversity > 0 && !isLast)
            {
                ref readonly Candidate one = ref _run.Scratch.Candidates[slot];
                for (int at = 0; at < _pool; at++)
                {
                    if (!_taken[at])
                    {
                        _similarity[at] = Math.Max(_similarity[at], Similarity(_run.Model, one, _run.Scratch.Candidates[_run.Scratch.TopIndices[at]]));
                    }
                }
            }
        }

        private static int PlacesOf(double share, int count) => share < 1 ? Math.Max(1, (int)Math.Ceiling((share * count) - 1e-9)) : int.MaxValue;

        /// <summary>Returns what a candidate gains by its categories: λ · n · (the divergence without the candidate − the divergence with it).</summary>
        private readonly float GainOf(int slot)
        {
            ReadOnlySpan<sbyte> categories = _tastes.IdsOf(slot);
            float gain = 0;
            foreach (sbyte category in categories)
            {
                gain += category >= 0 ? GainOf(category, categories.Length) : 0;
            }

            return gain;
        }

        private readonly float GainOf(int category, int width)
        {
            float gain = _gains[(category * Tastes.PerItemMax) + width - 1];
            return float.IsNaN(gain) ? ComputeGain(category, width) : gain;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private readonly float ComputeGain(int category, int width)
        {
            float share = _tastes.Shares[category];
            float count = _position + 1;
            float without = ((1 - Smoothing) * _chosenOfCategory[category] / count) + (Smoothing * share);
            float gain = share > 0 ? _calibration * count * share * MathF.Log(1 + ((1 - Smoothing) / (width * count * without))) : 0;
            _gains[(category * Tastes.PerItemMax) + width - 1] = gain;
            return gain;
        }

        /// <summary>Returns an upper bound of the gain of any candidate: an item of w categories gains Σ g(c, w) ≤ w · max g(c, w), and this bound grows with w.</summary>
        private readonly float GainMax()
        {
            float most = 0;
            for (int category = 0; category < _tastes.Count; category++)
            {
                most = Math.Max(most, _tastes.WidthMax * GainOf(category, _tastes.WidthMax));
            }

            return most;
        }

        /// <summary>Returns the tier of a candidate. A candidate is chosen only if no candidate of a lower tier is left.</summary>
        /// <returns>0: no limit is reached; 1: the limit of its cause is; 2: a limit of one of its categories is; 3: the limit of seen items is; 4: the item is unknown.</returns>
        private readonly int TierOf(int slot) =>
            _run.Scratch.Candidates[slot].IsUnknown ? UnknownTier
            : _run.IsDemoted(slot) && CountOfDemoted() >= _run.SeenMax ? SeenTier
            : IsCategoryFull(slot) || IsTasteFull(slot) ? CategoryTier
            : _fullCauseCount > 0 && IsCauseFull(slot) ? CauseTier
            : 0;

        private readonly int CountOfDemoted()
        {
            int count = 0;
            for (int position = 0; position < _run.SelectedCount; position++)
            {
                count += _run.IsDemoted(_run.Scratch.Selected[position]) ? 1 : 0;
            }

            return count;
        }

        private readonly bool IsCategoryFull(int slot)
        {
            int max = _categoryMax;
            if (_boughtMax < max && _tastes.Count > 0)
            {
                ReadOnlySpan<sbyte> categories = _tastes.IdsOf(slot);
                max = !categories.IsEmpty && categories[0] >= 0 && _tastes.IsBoughtOnce(categories[0]) ? _boughtMax : max;
            }

            return max <= _run.SelectedCount && CountOfCategory(slot) >= max;
        }

        // The first item of a category is always within the limit.
        private readonly bool IsTasteFull(int slot)
        {
            if (_surplusMax >= 1)
            {
                return false;
            }

            ReadOnlySpan<sbyte> categories = _tastes.IdsOf(slot);
            foreach (sbyte category in categories)
            {
                if (category >= 0 && _chosenOfCategory[category] > 0
                    && _chosenOfCategory[category] + (1f / categories.Length) > ((_tastes.Shares[category] + _surplusMax) * _run.Request.Count) + Rounding)
                {
                    return true;
                }
            }

            return false;
        }

        /// <summary>Returns the number of chosen items with the same first category.</summary>
        private readonly int CountOfCategory(int slot)
        {
            if (_run.Scratch.Candidates[slot].Entry is not { Content.Categories: { IsEmpty: false } categories })
            {
                return 0;
            }

            int count = 0;
            for (int position = 0; position < _run.SelectedCount; position++)
            {
                count += _run.Scratch.Candidates[_run.Scratch.Selected[position]].Entry is { Content.Categories: { IsEmpty: false } others }
                    && string.Equals(others[0], categories[0], StringComparison.Ordinal) ? 1 : 0;
            }

            return count;
        }

        // If the cause has all its places, another interaction that explains the candidate nearly as well and has places left becomes the cause.
        private readonly bool IsCauseFull(int slot)
        {
            ReadOnlySpan<ulong> full = _run.Scratch.FullCauses.AsSpan(0, _fullCauseCount);
            if (Reasons.CauseKeyOf(_run, slot) is not { } key || !full.Contains(key))
            {
                return false;
            }

            ref Candidate candidate = ref _run.Scratch.Candidates[slot];
            if (candidate.CausesTried == _fullCauseCount)
            {
                return true;
            }

            candidate.CausesTried = _fullCauseCount;
            int other = Reasons.OtherCauseOf(_run, slot, full);
            candidate.Cause = other < 0 ? candidate.Cause : Candidate.CauseAt(other);
            return other < 0;
        }

        private void CountCause(int slot)
        {
            if (_boughtCauseMax >= _run.Request.Count || Reasons.CauseKeyOf(_run, slot) is not { } key)
            {
                return;
            }

            int max = _run.HasBought(key) ? _boughtCauseMax : _causeMax;
            int count = 0;
            for (int position = 0; position < _run.SelectedCount; position++)
            {
                count += Reasons.CauseKeyOf(_run, _run.Scratch.Selected[position]) == key ? 1 : 0;
            }

            if (count == max)
            {
                _run.Scratch.FullCauses[_fullCauseCount++] = key;
            }
        }

        /// <summary>Returns the number of candidates that exploration may choose instead of the best one.</summary>
        private readonly int CountOfDrawable(int best)
        {
            int count = 0;
            for (int at = 0; at < _pool; at++)
            {
                count += IsDrawable(at, best) ? 1 : 0;
            }

            return count;
        }

        private readonly bool IsDrawable(int at, int best)
        {
            int slot = _run.Scratch.TopIndices[at];
            return at < _pool && !_taken[at] && at != best && _run.MayBeChosen(slot) && !IsKeptFromDraws(slot);
        }

        private readonly bool IsKeptFromDraws(int slot) =>
            _run.Scratch.Candidates[slot].IsUnknown || (_run.IsDemoted(slot) && CountOfDemoted() >= _run.SeenMax);

        /// <summary>Returns the n-th (0-based) candidate that exploration may choose instead of the best one.</summary>
        private readonly int Drawable(int best, int n)
        {
            int at = 0;
            while (!IsDrawable(at, best) || n-- > 0)
            {
                at++;
            }

            return at;
        }

        /// <summary>Finds the new items that fit the user's tastes best, best first, and returns their number.</summary>
        private readonly int FindNewItems()
        {
            SlateScratch scratch = _run.Scratch;
            TopKHeap heap = new(scratch.NewItemFits.AsSpan(0, SlateScratch.NewItemsKept), scratch.NewItems.AsSpan(0, SlateScratch.NewItemsKept), float.NegativeInfinity);
            for (int at = 0; at < _run.RankedCount; at++)
            {
                int slot = scratch.TopIndices[at];
                ref readonly Candidate candidate = ref scratch.Candidates[slot];
                if (candidate.Seen > 0 || candidate.IsUnknown || !_run.MayBeChosen(slot) || !_run.NewItems!.Contains(candidate))
                {
                    continue;
                }

                float fit = _run.FeatureOf(slot, Feature.Taste);
                float content = _run.FeatureOf(slot, Feature.Content);
                if (fit >= NewItemFitMin || content >= NewItemFitMin)
                {
                    heap.Offer(fit + content, at);
                }
            }

            return heap.SortDescending();
        }

        private readonly int CountOfNewItems(int best)
        {
            int count = 0;
            foreach (int at in _run.Scratch.NewItems.AsSpan(0, _newItemCount))
            {
                count += IsNewItem(at, best) ? 1 : 0;
            }

            return count;
        }

        private readonly int NewItem(int best, int n)
        {
            foreach (int at in _run.Scratch.NewItems.AsSpan(0, _newItemCount))
            {
                if (IsNewItem(at, best) && n-- == 0)
                {
                    return at;
                }
            }

            throw new InvalidOperationException("the drawn new item does not exist");
        }

        // A drawn item is shown because it is new, so the limit of causes does not apply to it.
        private readonly bool IsNewItem(int at, int best) => at != best && !_taken[at] && !IsCategoryFull(_run.Scratch.TopIndices[at]);

        private readonly bool IsAmongNewItems(int chosen, int best, int count)
        {
            for (int n = 0; n < count; n++)
            {
                if (NewItem(best, n) == chosen)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
