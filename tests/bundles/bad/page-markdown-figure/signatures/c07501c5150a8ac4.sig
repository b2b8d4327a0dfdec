Œw6/C”,y$lÁïQ™hRR¬d_ÎÂf!B‰§½wR¶ÚÜxÄà«âP6,ÀC¤ÒÜÛQ‚c)øZnÊ*(
